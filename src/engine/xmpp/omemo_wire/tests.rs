//! Lists, keys and messages, as others write them.
#![allow(clippy::unwrap_used)]
use super::*;

fn parsed(xml: &str) -> Element {
    xml.parse().unwrap()
}

fn list(devices: &str) -> DeviceList {
    let xml = format!("<list xmlns='eu.siacs.conversations.axolotl'>{devices}</list>");
    DeviceList::read(&parsed(&xml)).unwrap()
}

fn ids(list: &DeviceList) -> Vec<u32> {
    list.devices.iter().map(|device| device.id).collect()
}

fn bundle() -> Bundle {
    Bundle {
        identity_key: [1; 32],
        signed_pre_key: SignedPreKey {
            id: 7,
            key: [2; 32],
            signature: [3; 64],
        },
        pre_keys: vec![(1, [4; 32]), (2, [5; 32])],
    }
}

#[test]
fn a_list_is_read_back_as_it_was_written() {
    let device = |id, label: Option<&str>| ListedDevice {
        id,
        label: label.map(str::to_owned),
    };
    let written = DeviceList {
        devices: vec![device(1, Some("Balcony")), device(2_147_483_647, None)],
        is_cut: false,
    };

    assert_eq!(DeviceList::read(&written.write()).unwrap(), written);
}

#[test]
fn a_number_that_no_device_can_have_is_left_out() {
    let read = list(
        "<device id='0'/><device id='5'/><device id='2147483648'/><device id='-3'/>\
         <device id='five'/><device/><device id='5'/><other id='6'/>",
    );

    assert_eq!(ids(&read), [5]);
}

#[test]
fn a43_a_list_of_two_thousand_devices_is_cut() {
    let many: Vec<String> = (1..=2_000)
        .map(|id| format!("<device id='{id}'/>"))
        .collect();

    let read = list(&many.concat());

    assert_eq!(ids(&read), (1..=200).collect::<Vec<_>>());
    assert!(read.is_cut);
}

#[test]
fn a_bundle_is_read_back_as_it_was_written() {
    assert_eq!(Bundle::read(&bundle().write()).unwrap(), bundle());
}

#[test]
fn base64_may_be_broken_into_lines() {
    let mut xml = Vec::new();
    bundle().write().write_to(&mut xml).unwrap();
    let broken = String::from_utf8(xml).unwrap().replace("AwMD", "A wM\n\tD");

    assert_eq!(Bundle::read(&parsed(&broken)).unwrap(), bundle());
}

#[test]
fn one_time_keys_that_are_none_are_left_out_and_none_at_all_is_refused() {
    let mut odd = bundle().write();
    let prekeys = odd.get_child_mut("prekeys", OMEMO).unwrap();
    let key = |id: &str, bytes: &[u8]| text("preKeyPublic", &[("preKeyId", id)], bytes);
    prekeys.append_child(key("3", &[5; 12]));
    prekeys.append_child(key("x", &wire_key(&[1; 32])));
    prekeys.append_child(key("4", &[6; 33]));
    prekeys.append_child(key("1", &wire_key(&[9; 32])));
    assert_eq!(Bundle::read(&odd).unwrap(), bundle());

    let mut empty = bundle();
    empty.pre_keys.clear();

    assert_eq!(Bundle::read(&empty.write()), Err(NotUnderstood("prekeys")));
}

fn message(keys: usize) -> Encrypted {
    Encrypted {
        sender: 11,
        keys: (0..keys)
            .map(|place| HeaderKey {
                device: place as u32 + 1,
                is_pre_key: place % 2 == 0,
                data: vec![place as u8; 9],
            })
            .collect(),
        iv: vec![7; 12],
        payload: Some(vec![8; 20]),
    }
}

#[test]
fn a_message_is_read_back_as_it_was_written() {
    let keys_only = Encrypted {
        payload: None,
        ..message(1)
    };
    for written in [message(3), keys_only] {
        assert_eq!(Encrypted::read(&written.write()).unwrap(), written);
    }
}

#[test]
fn both_ways_to_say_that_a_session_is_opened_are_understood() {
    for (attribute, is_pre_key) in [
        ("prekey='true'", true),
        ("prekey='1'", true),
        ("prekey='false'", false),
        ("", false),
    ] {
        let xml = format!(
            "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>\
             <key rid='2' {attribute}>AAAA</key><key rid='oops'>AAAA</key><key rid='3'>?</key>\
             <iv>AAAA</iv></header></encrypted>"
        );

        let read = Encrypted::read(&parsed(&xml)).unwrap();

        assert_eq!(read.keys.len(), 1);
        assert_eq!(read.keys[0].is_pre_key, is_pre_key);
    }
}

#[test]
fn ten_thousand_keys_are_refused() {
    assert_eq!(
        Encrypted::read(&message(10_000).write()),
        Err(TooMany("keys"))
    );
    assert!(Encrypted::read(&message(MOST_KEYS).write()).is_ok());
}

#[test]
fn what_lacks_a_part_is_refused() {
    for inside in [
        "",
        "<header sid='1'/>",
        "<header><iv>AAAA</iv></header>",
        "<header sid='x'><iv>AAAA</iv></header>",
        "<header sid='1'><iv>AAAA</iv></header><payload>?</payload>",
    ] {
        let xml = format!("<encrypted xmlns='eu.siacs.conversations.axolotl'>{inside}</encrypted>");

        assert!(Encrypted::read(&parsed(&xml)).is_err(), "{inside}");
    }
}
