//! A disk that is really full: a small one of the test's own, in a name space
//! of its own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use stonechat::engine::Options;
use stonechat::engine::api::{Command, Engine, Event};
use stonechat::engine::error::{StartError, StoreError, StoreTrouble};
use tempfile::TempDir;

use crate::stage::*;

/// Where the small disk is, in the program that has one.
const DISK: &str = "STONECHAT_SMALL_DISK";

/// Returns the small disk; `None` in the program that has just seen the test
/// through in another one, which has the disk.
fn small_disk(test: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let place = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=4m tmpfs \"${DISK}\"");
    let within = |script: &str| {
        let mut process = Process::new("unshare");
        process
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
            .args([std::env::current_exe().unwrap().as_os_str(), test.as_ref()])
            .env(DISK, place.path());
        process.status().is_ok_and(|status| status.success())
    };
    assert!(
        within(&mount),
        "this system does not let a test have a disk of its own (unshare --user --mount)"
    );
    let run = format!("{mount} && exec \"$0\" --exact \"$1\" --nocapture");
    assert!(within(&run), "the test on the small disk failed, see above");
    None
}

/// Takes all room there is, until it is dropped.
struct Ballast(PathBuf);

impl Ballast {
    fn on(disk: &Path) -> Self {
        let path = disk.join("ballast");
        let mut file = File::create(&path).unwrap();
        for size in [4096, 512, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
        Self(path)
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_recovers_when_there_is_room() {
    let test = "full_disk::a_full_disk_loses_nothing_and_recovers_when_there_is_room";
    let Some(disk) = small_disk(test) else { return };
    let (mut stage, mut link) = romeo_in(TempDir::new_in(&disk).unwrap()).await;
    begins(&mut link, false).await;
    stage.until_online().await;
    let before = by_juliet("before", "<body>Good night!</body>");
    link.brings(&before).await;
    // The three answers, and this.
    link.has_handled(4).await;
    let handled = link.handled;
    let mut events = stage.engine.subscribe();

    let ballast = Ballast::on(&disk);
    let long = "Parting is such sweet sorrow. ".repeat(2_000);
    let received = by_juliet("during", &format!("<body>{long}</body>"));
    link.brings(&received).await;

    stage
        .until("the trouble", async || {
            stage.engine.store_trouble() == Some(StoreTrouble::Full)
        })
        .await;
    stage.says(&long).await;
    let given_back = async {
        loop {
            if let Event::NotKept { body, .. } = events.recv().await.unwrap() {
                return body;
            }
        }
    };
    assert_eq!(given_back.await, long);
    assert_eq!(
        link.handled, handled,
        "nothing is acknowledged that is not kept"
    );
    assert_eq!(stage.bodies().await, ["Good night!"]);

    drop(ballast);
    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;
    assert_eq!(link.resume, Some(("one".into(), handled)));
    link.resumes(handled).await;
    link.brings(&received).await;
    stage
        .until("the message", async || stage.bodies().await.len() == 2)
        .await;
    assert_eq!(stage.engine.store_trouble(), None);
    stage.says("Good night, good night!").await;
    stage
        .until("what was said", async || stage.bodies().await.len() == 3)
        .await;
    assert_eq!(stage.bodies().await[1], long);
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_so_and_works_once_there_is_room() {
    let test = "full_disk::a_start_on_a_full_disk_says_so_and_works_once_there_is_room";
    let Some(disk) = small_disk(test) else { return };
    let data = disk.join("data");

    // The first start ever.
    let ballast = Ballast::on(&disk);
    let refused = start(&data).unwrap_err();
    assert!(
        matches!(
            refused,
            StartError::Store(StoreError::Full) | StartError::NoFolder(_)
        ),
        "{refused:?}"
    );
    drop(ballast);
    let engine = start(&data).unwrap();
    engine.set_setting("colour", "dark").await.unwrap();
    engine.stop().await;
    drop(engine);

    // A later one: what is there can be read, or it is said why not.
    let ballast = Ballast::on(&disk);
    match start(&data) {
        Ok(engine) => {
            let colour = engine.setting("colour").await.unwrap();
            assert_eq!(colour.as_deref(), Some("dark"));
            engine.stop().await;
        }
        Err(error) => assert!(
            matches!(error, StartError::Store(StoreError::Full)),
            "{error:?}"
        ),
    }
    drop(ballast);
    let engine = start(&data).unwrap();
    let colour = engine.setting("colour").await.unwrap();
    assert_eq!(colour.as_deref(), Some("dark"));
    engine.stop().await;
}

fn start(data: &Path) -> Result<Engine, StartError> {
    Engine::start(Options::new(data.to_owned()).with_secrets_in_memory())
}
