//! What a server says of a stream that has signed in, as far as it changes how
//! we behave on it: whether it wants to know that nobody looks, how large a
//! stanza may be, how long we may say nothing, and whether it keeps in mind who
//! may see us before they ask.
//!
//! # Source
//! XEP-0352 v1.0.0 §3, XEP-0478 v0.1.0 §3.1, RFC 6120 §13.12 (the least limit),
//! RFC 6121 §3.4.

use std::time::Duration;

use minidom::Element;

/// Namespace of client state indication.
const CLIENT_STATE: &str = "urn:xmpp:csi:0";
/// Namespace of a stream's limits.
const STREAM_LIMITS: &str = "urn:xmpp:stream-limits:0";
/// Namespace of letting somebody see us before they ask.
const PRE_APPROVAL: &str = "urn:xmpp:features:pre-approval";

/// What every server takes, even of somebody who has not signed in. One that
/// says less is not believed: nothing could be said to it at all.
pub const LEAST_BYTES: usize = 10_000;
/// More often than this no server needs to hear that we are there.
const SHORTEST_IDLE: Duration = Duration::from_secs(20);

/// What a server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// It holds back what can wait while nobody looks.
    pub client_state: bool,
    /// Bytes of one stanza of ours on the wire; `None`: it does not say.
    pub most_bytes: Option<usize>,
    /// How long we may say nothing; `None`: it does not say.
    pub idle: Option<Duration>,
    /// It keeps in mind who may see us before they ask.
    pub pre_approval: bool,
}

impl Offers {
    /// Reads them from stream features. What makes no sense was not said.
    pub(super) fn read(features: &Element) -> Self {
        let limits = features.get_child("limits", STREAM_LIMITS);
        let number = |name| -> Option<u64> {
            let text = limits?.get_child(name, STREAM_LIMITS)?.text();
            text.trim().parse().ok().filter(|number| *number > 0)
        };
        Self {
            client_state: features.has_child("csi", CLIENT_STATE),
            most_bytes: number("max-bytes").map(|bytes| {
                usize::try_from(bytes)
                    .unwrap_or(usize::MAX)
                    .max(LEAST_BYTES)
            }),
            idle: number("idle-seconds")
                .map(|seconds| Duration::from_secs(seconds.min(86_400)).max(SHORTEST_IDLE)),
            pre_approval: features.has_child("sub", PRE_APPROVAL),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(inside: &str) -> Offers {
        let features =
            format!("<features xmlns='http://etherx.jabber.org/streams'>{inside}</features>");
        Offers::read(&features.parse().unwrap())
    }

    fn limits(inside: &str) -> Offers {
        read(&format!(
            "<limits xmlns='urn:xmpp:stream-limits:0'>{inside}</limits>"
        ))
    }

    #[test]
    fn what_prosody_says_is_understood() {
        let offers = read(
            "<csi xmlns='urn:xmpp:csi:0'/><sub xmlns='urn:xmpp:features:pre-approval'/>\
             <limits xmlns='urn:xmpp:stream-limits:0'>\
             <max-bytes>262144</max-bytes><idle-seconds>840</idle-seconds></limits>",
        );

        assert!(offers.client_state && offers.pre_approval);
        assert_eq!(offers.most_bytes, Some(262_144));
        assert_eq!(offers.idle, Some(Duration::from_mins(14)));
    }

    #[test]
    fn nothing_said_is_no_limit() {
        assert_eq!(read(""), Offers::default());
    }

    #[test]
    fn limits_that_make_no_sense_do_not_silence_us() {
        assert_eq!(limits("<max-bytes>0</max-bytes>").most_bytes, None);
        assert_eq!(limits("<max-bytes>-1</max-bytes>").most_bytes, None);
        assert_eq!(limits("<max-bytes>many</max-bytes>").most_bytes, None);
        assert_eq!(
            limits("<max-bytes>12</max-bytes>").most_bytes,
            Some(LEAST_BYTES)
        );
        assert_eq!(
            limits("<idle-seconds>1</idle-seconds>").idle,
            Some(SHORTEST_IDLE)
        );
        assert_eq!(
            limits("<idle-seconds>18446744073709551615</idle-seconds>").idle,
            Some(Duration::from_hours(24))
        );
    }
}
