//! What the DNS says about a domain: where its servers are.
//!
//! The SRV records of both kinds make one list; a domain without any is tried
//! itself on the usual ports. This file is the only one that names the DNS
//! library.
//!
//! # Source
//! RFC 6120 §3.2, XEP-0368 v1.1.0 §2, RFC 2782 (order of records), RFC 8305 §4
//! (order of addresses).

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use super::reach::Way;
use super::{DIRECT_PORT, PORT};
use crate::engine::link::{Endpoint, LinkSettings, tls};

/// What was found out about a domain.
pub(super) struct Found {
    /// The places where its server may be, by priority and best first.
    pub groups: Vec<Vec<Endpoint>>,
    /// Whether the DNS answered at all, be it that there is nothing.
    pub has_answer: bool,
}

/// Finds the places where the domain's server may be.
pub(super) async fn find_endpoints(settings: &LinkSettings) -> Found {
    let domain = settings.address.domain().as_str();
    let literal = domain.trim_start_matches('[').trim_end_matches(']');
    if literal.parse::<IpAddr>().is_ok() {
        return usual_places(literal, true);
    }
    let Some(ascii) =
        tls::to_ascii(domain).filter(|_| settings.proxy.is_some() || !is_onion(domain))
    else {
        // No server can have this name, or none without Tor.
        return Found {
            groups: vec![],
            has_answer: true,
        };
    };
    if settings.proxy.is_some() {
        // Asking would tell the local network where we want to go.
        return usual_places(&ascii, true);
    }
    let Some(resolver) = resolver(settings.name_servers.as_ref()) else {
        return usual_places(&ascii, false);
    };
    let asking = async {
        tokio::join!(
            find_services(&resolver, format!("_xmpps-client._tcp.{ascii}."), true),
            find_services(&resolver, format!("_xmpp-client._tcp.{ascii}."), false),
        )
    };
    let Ok((direct, starttls)) = tokio::time::timeout(settings.timing.one_try, asking).await else {
        return usual_places(&ascii, false);
    };
    let has_answer = direct.is_some() || starttls.is_some();
    let services: Vec<Service> = [direct, starttls].into_iter().flatten().flatten().collect();
    if services.is_empty() {
        return usual_places(&ascii, has_answer);
    }
    // This may leave nothing: when every record says "not offered here"
    // (RFC 2782, target ".").
    Found {
        groups: in_order(services, random_below),
        has_answer,
    }
}

/// The places to try for a host that has no records.
fn usual_places(host: &str, has_answer: bool) -> Found {
    let groups = vec![
        vec![Endpoint::new(host, PORT, false)],
        vec![Endpoint::new(host, DIRECT_PORT, true)],
    ];
    Found { groups, has_answer }
}

/// Returns whether a name is one of Tor's, which no DNS may be asked for
/// (RFC 7686 §2).
fn is_onion(name: &str) -> bool {
    let last = name.trim_end_matches('.').rsplit('.').next();
    last.is_some_and(|last| last.eq_ignore_ascii_case("onion"))
}

/// One SRV record.
#[derive(Clone, Debug)]
struct Service {
    priority: u16,
    weight: u16,
    /// `None` for the target ".": this kind is not offered at this domain.
    endpoint: Option<Endpoint>,
}

/// Asks for the SRV records of a name; `None` when nobody answers.
async fn find_services(
    resolver: &TokioResolver,
    name: String,
    is_direct: bool,
) -> Option<Vec<Service>> {
    let lookup = match resolver.srv_lookup(name.as_str()).await {
        Ok(lookup) => lookup,
        Err(error) => {
            tracing::debug!(name, %error, "no service records");
            return error.is_no_records_found().then(Vec::new);
        }
    };
    let services = lookup.answers().iter().filter_map(|record| {
        let RData::SRV(record) = &record.data else {
            return None;
        };
        let target = record.target.to_ascii();
        let host = target.trim_end_matches('.');
        Some(Service {
            priority: record.priority,
            weight: record.weight,
            endpoint: (!host.is_empty()).then(|| Endpoint::new(host, record.port, is_direct)),
        })
    });
    Some(services.collect())
}

/// Puts services of both kinds into one order: by priority, and among equals
/// by chance in proportion to their weight. A place stands only once.
fn in_order(mut services: Vec<Service>, mut below: impl FnMut(u32) -> u32) -> Vec<Vec<Endpoint>> {
    services.sort_by_key(|service| service.priority);
    let mut groups: Vec<Vec<Endpoint>> = Vec::new();
    let mut last = None;
    while let Some(first) = services.first() {
        let priority = first.priority;
        if last.replace(priority) != Some(priority) {
            groups.push(Vec::new());
        }
        let equal = services
            .iter()
            .take_while(|service| service.priority == priority);
        // One more than its weight, so that weight 0 also has a small chance.
        let chances: Vec<u32> = equal.map(|service| u32::from(service.weight) + 1).collect();
        let mut mark = below(chances.iter().sum());
        let mut chosen = 0;
        while chosen + 1 < chances.len() && mark >= chances[chosen] {
            mark -= chances[chosen];
            chosen += 1;
        }
        if let Some(endpoint) = services.remove(chosen).endpoint
            && !groups.iter().flatten().any(|known| *known == endpoint)
            && let Some(group) = groups.last_mut()
        {
            group.push(endpoint);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn random_below(limit: u32) -> u32 {
    getrandom::u32().map_or(0, |random| random % limit.max(1))
}

/// Returns who answers questions about names; `None` when nobody does.
fn resolver(name_servers: Option<&Vec<SocketAddr>>) -> Option<TokioResolver> {
    let built = match name_servers {
        Some(addresses) => {
            let servers = addresses.iter().map(|address| {
                let mut connection = ConnectionConfig::udp();
                connection.port = address.port();
                NameServerConfig::new(address.ip(), true, vec![connection])
            });
            let config = ResolverConfig::from_parts(None, vec![], servers.collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
        }
        None => TokioResolver::builder_tokio().and_then(|builder| builder.build()),
    };
    built
        .inspect_err(|error| tracing::warn!(%error, "no name server to ask"))
        .ok()
}

/// Returns the addresses of a host, in the order to try them.
///
/// Ordinarily the system is asked, so that its hosts file and local names work.
pub(super) async fn find_addresses(way: &Way, host: &str) -> Vec<IpAddr> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse() {
        return vec![address];
    }
    if is_onion(host) {
        return vec![];
    }
    let found: Vec<IpAddr> = if way.name_servers.is_some() {
        let Some(resolver) = resolver(way.name_servers.as_ref()) else {
            return vec![];
        };
        match resolver
            .lookup_ip(format!("{}.", host.trim_end_matches('.')))
            .await
        {
            Ok(lookup) => lookup.iter().collect(),
            Err(error) => {
                tracing::debug!(host, %error, "no address");
                vec![]
            }
        }
    } else {
        let ascii = tls::to_ascii(host).unwrap_or_else(|| host.to_owned());
        match tokio::net::lookup_host((ascii.as_str(), 0)).await {
            Ok(addresses) => addresses.map(|address| address.ip()).collect(),
            Err(error) => {
                tracing::debug!(host, %error, "no address");
                vec![]
            }
        }
    };
    alternate(found)
}

/// Puts addresses of both families in turn, beginning with the first's, and
/// drops repetitions (RFC 8305 §4).
fn alternate(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let Some(is_first_v6) = found.first().map(IpAddr::is_ipv6) else {
        return found;
    };
    let (first, second): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| address.is_ipv6() == is_first_v6);
    let mut ordered = Vec::new();
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return ordered;
        }
        for address in pair.into_iter().flatten() {
            if !ordered.contains(&address) {
                ordered.push(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn service(priority: u16, weight: u16, host: &str, is_direct: bool) -> Service {
        Service {
            priority,
            weight,
            endpoint: (host != ".").then(|| Endpoint::new(host, 5222, is_direct)),
        }
    }

    fn hosts(groups: &[Vec<Endpoint>]) -> Vec<&str> {
        let endpoints = groups.iter().flatten();
        endpoints.map(|endpoint| endpoint.host.as_str()).collect()
    }

    #[test]
    fn services_of_both_kinds_are_tried_in_the_order_of_their_priority() {
        let services = vec![
            service(20, 0, "d", true),
            service(5, 0, "b", true),
            service(10, 0, "c", false),
            service(0, 0, "a", false),
        ];

        assert_eq!(hosts(&in_order(services, |_| 0)), ["a", "b", "c", "d"]);
    }

    #[test]
    fn among_equals_the_weight_decides_how_often_one_is_first() {
        let services = || vec![service(1, 9, "heavy", true), service(1, 0, "light", false)];

        let light_first = (0..11)
            .filter(|mark| in_order(services(), |_| *mark)[0][0].host == "light")
            .count();

        assert_eq!(light_first, 1);
    }

    /// A few services that meet often: few hosts, few priorities.
    fn any_services() -> impl Strategy<Value = Vec<Service>> {
        let one = (0..4_u16, 0..3_u16, 0..6_usize, any::<bool>());
        let one = one.prop_map(|(priority, weight, host, is_direct)| {
            let host = ["a", "b", "c", "d", "e", "."][host];
            service(priority, weight * 100, host, is_direct)
        });
        proptest::collection::vec(one, 0..20)
    }

    proptest! {
        #[test]
        fn each_place_is_tried_once_and_never_before_a_better_one(
            services in any_services(),
            marks in proptest::collection::vec(any::<u32>(), 1..20),
        ) {
            let mut marks = marks.into_iter().cycle();
            let below = |limit: u32| marks.next().map_or(0, |mark| mark % limit);

            let groups = in_order(services.clone(), below);

            // The best priority of a place is the one that counts.
            let best = |endpoint: &Endpoint| {
                let same = services.iter().filter(|service| service.endpoint.as_ref() == Some(endpoint));
                same.map(|service| service.priority).min()
            };
            let priorities: Vec<_> = groups.iter().map(|group| {
                let first = best(&group[0]);
                assert!(first.is_some(), "a place that nobody named");
                assert!(group.iter().all(|endpoint| best(endpoint) == first));
                first
            }).collect();
            prop_assert!(priorities.is_sorted_by(|one, next| one < next));
            let tried: Vec<_> = groups.iter().flatten().collect();
            for (nth, endpoint) in tried.iter().enumerate() {
                prop_assert!(!tried[..nth].contains(endpoint));
            }
            for offered in services.iter().filter_map(|service| service.endpoint.as_ref()) {
                prop_assert!(tried.contains(&offered));
            }
        }
    }

    #[test]
    fn a_kind_that_is_not_offered_leaves_only_the_other() {
        let services = vec![service(0, 0, ".", true), service(0, 0, "a", false)];
        assert_eq!(hosts(&in_order(services, |_| 0)), ["a"]);

        let nothing = vec![service(0, 0, ".", true), service(0, 0, ".", false)];
        assert!(in_order(nothing, |_| 0).is_empty());
    }

    #[test]
    fn addresses_of_both_families_take_turns() {
        let found: Vec<IpAddr> = ["::1", "::2", "::1", "10.0.0.1", "10.0.0.2"]
            .map(|address| address.parse().unwrap())
            .to_vec();

        let ordered: Vec<String> = alternate(found).iter().map(ToString::to_string).collect();

        assert_eq!(ordered, ["::1", "10.0.0.1", "::2", "10.0.0.2"]);
    }
}
