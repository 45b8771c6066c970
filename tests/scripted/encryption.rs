//! Keys on a played server: what is published, in which order, and what a
//! server or a stranger can make of it.

use std::path::Path;

use minidom::Element;
use stonechat::engine::Options;
use stonechat::engine::api::{Command, Engine};
use stonechat::engine::model::*;
use stonechat::engine::testing::{Dialled, Script, Secrets, scripted_from};

use crate::stage::*;

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
const OMEMO: &str = "eu.siacs.conversations.axolotl";
const LIST: &str = "eu.siacs.conversations.axolotl.devicelist";

/// Romeo, whose server publishes what its accounts want, waits for his list.
/// Returns the question for it.
async fn romeo_asks_for_his_list() -> (Stage, Dialled, Element) {
    let (stage, mut link) = romeo().await;
    stage.engine.command(Command::EncryptByDefault {
        account: stage.account,
        is_on: true,
    });
    begins_publishing(&mut link).await;
    let question = link.sent().await;
    assert_eq!(asked_node(&question).as_deref(), Some(LIST), "{question:?}");
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
    (stage, link, question)
}

/// Romeo with his keys published; the number of his device with them.
async fn romeo_with_keys() -> (Stage, Dialled, u32) {
    let (stage, mut link, question) = romeo_asks_for_his_list().await;
    refuses(&link, &question, "item-not-found").await;
    let keys = link.sent().await;
    confirms(&link, &keys).await;
    let list = link.sent().await;
    confirms(&link, &list).await;
    let [device] = devices_in(&published(&list).1)[..] else {
        panic!("{list:?}");
    };
    (stage, link, device)
}

async fn confirms(link: &Dialled, request: &Element) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'/>",
        id(request)
    ))
    .await;
}

fn asked_node(request: &Element) -> Option<String> {
    let items = request
        .get_child("pubsub", PUBSUB)?
        .get_child("items", PUBSUB)?;
    items.attr("node").map(str::to_owned)
}

/// Returns where something is published, and what.
fn published(request: &Element) -> (String, Element) {
    let publish = request
        .get_child("pubsub", PUBSUB)
        .and_then(|pubsub| pubsub.get_child("publish", PUBSUB))
        .unwrap_or_else(|| panic!("{request:?}"));
    let item = publish.get_child("item", PUBSUB).unwrap();
    let payload = item.children().next().unwrap().clone();
    (publish.attr("node").unwrap().to_owned(), payload)
}

fn devices_in(list: &Element) -> Vec<u32> {
    list.children()
        .map(|device| device.attr("id").unwrap().parse().unwrap())
        .collect()
}

/// Brings the event that somebody's list is this now.
async fn list_changes(link: &Dialled, owner: &str, devices: &[u32]) {
    let devices: Vec<_> = devices
        .iter()
        .map(|device| format!("<device id='{device}'/>"))
        .collect();
    let devices = devices.concat();
    link.brings(&format!(
        "<message xmlns='jabber:client' type='headline' from='{owner}'>\
         <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{LIST}'>\
         <item id='current'><list xmlns='{OMEMO}'>{devices}</list></item></items></event></message>"
    ))
    .await;
}

/// Asserts that nothing more is sent of what happened before.
async fn nothing_more(stage: &Stage, link: &mut Dialled) {
    stage
        .engine
        .send_xml(stage.account, "<presence><status>fence</status></presence>")
        .unwrap();
    let next = link.sent().await;
    assert_eq!(next.name(), "presence", "{next:?}");
}

#[tokio::test]
async fn keys_are_published_before_the_list_and_open_to_everybody() {
    let (stage, mut link, question) = romeo_asks_for_his_list().await;

    refuses(&link, &question, "item-not-found").await;
    let keys = link.sent().await;
    let options = keys
        .get_child("pubsub", PUBSUB)
        .and_then(|pubsub| pubsub.get_child("publish-options", PUBSUB));
    assert!(options.is_some_and(|options| String::from(options).contains("open")));
    let (node, bundle) = published(&keys);
    let one_time = bundle.get_child("prekeys", OMEMO).unwrap();
    assert_eq!(one_time.children().count(), 100);
    nothing_more(&stage, &mut link).await;
    confirms(&link, &keys).await;
    let (list_node, list) = published(&link.sent().await);

    let [device] = devices_in(&list)[..] else {
        panic!("{list:?}");
    };
    assert_eq!(list_node, LIST);
    assert_eq!(node, format!("{OMEMO}.bundles:{device}"));
}

#[tokio::test]
async fn a44_a_list_that_could_not_be_read_is_not_replaced() {
    for condition in [
        "internal-server-error",
        "forbidden",
        "remote-server-timeout",
    ] {
        let (stage, mut link, question) = romeo_asks_for_his_list().await;

        refuses(&link, &question, condition).await;

        nothing_more(&stage, &mut link).await;
    }
}

#[tokio::test]
async fn a_node_that_is_closed_is_opened_and_used_as_it_is() {
    let (_stage, mut link, question) = romeo_asks_for_his_list().await;
    refuses(&link, &question, "item-not-found").await;
    let keys = link.sent().await;

    link.brings(&format!(
        "<iq xmlns='jabber:client' type='error' id='{}'><error type='cancel'>\
         <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>",
        id(&keys)
    ))
    .await;
    let opening = link.sent().await;
    let configure = opening
        .get_child("pubsub", OWNER)
        .and_then(|pubsub| pubsub.get_child("configure", OWNER))
        .unwrap();
    assert_eq!(configure.attr("node"), Some(&*published(&keys).0));
    confirms(&link, &opening).await;
    let again = link.sent().await;

    assert_eq!(published(&again), published(&keys));
    let options = again.get_child("pubsub", PUBSUB).unwrap();
    assert!(!options.has_child("publish-options", PUBSUB));
    confirms(&link, &again).await;
    assert_eq!(published(&link.sent().await).0, LIST);
}

#[tokio::test]
async fn a44_who_takes_us_off_our_list_again_and_again_wins_in_the_end() {
    let (stage, mut link, device) = romeo_with_keys().await;

    // The first time it was put there is one of the three.
    for _ in 0..2 {
        list_changes(&link, "romeo@example.org", &[4711]).await;
        let repair = link.sent().await;
        assert_eq!(devices_in(&published(&repair).1), [4711, device]);
        confirms(&link, &repair).await;
    }
    list_changes(&link, "romeo@example.org", &[4711]).await;

    nothing_more(&stage, &mut link).await;
}

/// Waits until a device's keys are removed and its number is taken off the list;
/// returns who is on it then.
async fn removes(link: &mut Dialled, device: u32) -> Vec<u32> {
    let removal = link.sent().await;
    let node = removal
        .get_child("pubsub", OWNER)
        .and_then(|pubsub| pubsub.get_child("delete", OWNER))
        .and_then(|delete| delete.attr("node"));
    assert_eq!(node, Some(&*format!("{OMEMO}.bundles:{device}")));
    confirms(link, &removal).await;
    let list = link.sent().await;
    confirms(link, &list).await;
    devices_in(&published(&list).1)
}

#[tokio::test]
async fn a_device_that_was_to_be_removed_goes_once_the_list_is_here() {
    let (stage, mut link, question) = romeo_asks_for_his_list().await;
    for device in [4711, 4712] {
        stage.engine.command(Command::RemoveDevice {
            account: stage.account,
            device,
        });
    }
    nothing_more(&stage, &mut link).await;

    refuses(&link, &question, "internal-server-error").await;
    list_changes(&link, "romeo@example.org", &[4711, 4712, 4713]).await;
    let keys = link.sent().await;
    confirms(&link, &keys).await;

    assert_eq!(removes(&mut link, 4711).await, [4712, 4713]);
    assert_eq!(removes(&mut link, 4712).await, [4713]);
    let list = devices_in(&published(&link.sent().await).1);
    assert_eq!((list.len(), list[0]), (2, 4713));
}

#[tokio::test]
async fn an_account_that_is_removed_leaves_its_list_also_on_the_stream_of_a_killed_process() {
    let (stage, link, device) = romeo_with_keys().await;
    list_changes(&link, "romeo@example.org", &[4711, device]).await;
    stage
        .until_history("SELECT count(*) FROM devices WHERE is_active", 2)
        .await;
    stage
        .until_history("SELECT is_settled FROM streams", 1)
        .await;
    let mut next = stage.as_if_killed();
    next.engine.command(Command::Password {
        account: next.account,
        password: Secret::new("wherefore"),
    });
    let mut link = next.script.dialled().await;
    link.resumes(4).await;
    next.until_online().await;

    next.engine.command(Command::RemoveAccount {
        account: next.account,
        keeps_history: false,
    });

    assert_eq!(removes(&mut link, device).await, [4711]);
}

#[tokio::test]
async fn a43_a_list_in_our_name_by_somebody_else_changes_nothing() {
    let (stage, mut link, _) = romeo_with_keys().await;

    list_changes(&link, "romeo@example.org/another", &[4711]).await;
    list_changes(&link, "juliet@example.org/balcony", &[4711]).await;
    list_changes(&link, "stranger@example.org", &[4711]).await;

    nothing_more(&stage, &mut link).await;
    for address in ["juliet@example.org", "stranger@example.org"] {
        let devices = stage.engine.devices(stage.account, address).await.unwrap();
        assert!(devices.is_empty(), "{devices:?}");
    }
}

#[tokio::test]
async fn the_keys_of_all_devices_are_asked_for_at_once() {
    let (stage, mut link, _) = romeo_with_keys().await;
    let chat = stage.juliet().await;
    list_changes(&link, "juliet@example.org", &[11, 12, 13]).await;
    stage
        .until("the list", || async {
            let devices = stage.engine.devices(stage.account, "juliet@example.org");
            devices.await.unwrap().len() == 3
        })
        .await;
    stage.engine.command(Command::Prepare(chat));

    let mut questions = Vec::new();
    for device in [11, 12, 13] {
        let question = link.sent().await;
        let node = format!("{OMEMO}.bundles:{device}");
        assert_eq!(asked_node(&question), Some(node));
        assert_eq!(question.attr("to"), Some("juliet@example.org"));
        questions.push(question);
    }
    // Nobody but Juliet's account answers for them.
    stage.engine.command(Command::SendText {
        conversation: chat,
        body: "Hark".into(),
        reply_to: None,
    });
    nothing_more(&stage, &mut link).await;
    for question in &questions {
        link.brings(&format!(
            "<iq xmlns='jabber:client' type='error' id='{}' from='juliet@example.org'>\
             <error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             </error></iq>",
            id(question)
        ))
        .await;
    }

    let stopped = Delivery::Failed(SendFailure::NoKeys);
    stage
        .until("the message is stopped", || async {
            stage.messages(chat).await[0].delivery == stopped
        })
        .await;
    nothing_more(&stage, &mut link).await;
}

/// Starts an engine on a folder, with a keyring that outlives it, and lets it
/// in on a server with this list of devices.
async fn starts(data: &Path, secrets: &Secrets, devices: &[u32]) -> (Engine, Script, Dialled) {
    let options = Options::new(data.to_owned())
        .with_secrets(secrets.clone())
        .with_desktop(None);
    let (engine, mut script) = scripted_from(options, NOW);
    if engine.accounts().await.unwrap().is_empty() {
        let (account, link) = tokio::join!(engine.sign_in(sign_in_form()), async {
            let link = script.dialled().await;
            link.lets_in("one").await;
            link
        });
        account.unwrap();
        return begins_with_list(engine, script, link, devices).await;
    }
    let link = script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins_with_list(engine, script, link, devices).await
}

async fn begins_with_list(
    engine: Engine,
    script: Script,
    mut link: Dialled,
    devices: &[u32],
) -> (Engine, Script, Dialled) {
    begins_publishing(&mut link).await;
    loop {
        let question = link.sent().await;
        if asked_node(&question).as_deref() == Some(LIST) {
            list_changes(&link, "romeo@example.org", devices).await;
            refuses(&link, &question, "internal-server-error").await;
            return (engine, script, link);
        }
    }
}

/// Returns the number of the device whose keys are published, or looked at, next.
async fn next_device(link: &mut Dialled) -> u32 {
    loop {
        let request = link.sent().await;
        let node = asked_node(&request).or_else(|| {
            let pubsub = request.get_child("pubsub", PUBSUB)?;
            let publish = pubsub.get_child("publish", PUBSUB)?;
            publish.attr("node").map(str::to_owned)
        });
        let number = node.as_deref().and_then(|node| node.split_once("bundles:"));
        if let Some((_, number)) = number {
            return number.parse().unwrap();
        }
    }
}

#[tokio::test]
async fn a61_a_copied_history_that_is_started_gets_keys_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let secrets = Secrets::in_memory().with_words();
    secrets.keep_for_this_run("romeo@example.org", &Secret::new("wherefore"));
    let (engine, _script, mut link) = starts(&data, &secrets, &[]).await;
    let first = next_device(&mut link).await;
    engine.stop().await;
    drop(engine);
    std::fs::create_dir(&copy).unwrap();
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }

    let (engine, _script, mut link) = starts(&data, &secrets, &[first]).await;
    assert_eq!(next_device(&mut link).await, first);
    engine.stop().await;
    drop(engine);
    let (engine, _script, mut link) = starts(&copy, &secrets, &[first]).await;

    assert_ne!(next_device(&mut link).await, first);
    engine.stop().await;
}
