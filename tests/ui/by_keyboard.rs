//! The real program on a private server, by keys alone, with every control's
//! name looked at on the way; `by_keyboard.py` plays it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Test;

pub const TESTS: &[Test] = &[(
    "an_evening_by_keyboard_alone_in_which_every_control_has_a_name",
    an_evening_by_keyboard_alone_in_which_every_control_has_a_name,
)];

/// A bus for assistive technology and for nothing else: without a keyring.
const BUS: &str = r#"<busconfig>
    <type>session</type>
    <listen>unix:dir=HERE</listen>
    <servicedir>HERE/services</servicedir>
    <policy context="default">
        <allow send_destination="*" eavesdrop="true"/>
        <allow eavesdrop="true"/>
        <allow own="*"/>
    </policy>
</busconfig>"#;

fn an_evening_by_keyboard_alone_in_which_every_control_has_a_name() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    fs::create_dir(here.join("services")).unwrap();
    let assistive = "org.a11y.Bus.service";
    fs::copy(
        Path::new("/usr/share/dbus-1/services").join(assistive),
        here.join("services").join(assistive),
    )
    .expect("at-spi2-core is installed; run this inside build-aux/dev-root");
    let bus = here.join("bus.conf");
    fs::write(&bus, BUS.replace("HERE", here.to_str().unwrap())).unwrap();
    let data = here.join("data");

    let output = Command::new("dbus-run-session")
        .arg(format!("--config-file={}", bus.display()))
        .args(["--", "timeout", "240", "python3"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/by_keyboard.py"))
        .arg(env!("CARGO_BIN_EXE_stonechat"))
        .arg(here)
        .env("HOME", here)
        .env("XDG_DATA_HOME", &data)
        .env("XDG_CONFIG_HOME", here.join("config"))
        .env("XDG_CACHE_HOME", here.join("cache"))
        .env_remove("GTK_A11Y")
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaints}");
    let history = rusqlite::Connection::open(data.join("stonechat/history.db")).unwrap();
    let tells_typing: String = history
        .query_row(
            "SELECT value FROM settings WHERE key = 'tells-typing'",
            [],
            |row| row.get(0),
        )
        .expect("the preference is kept");
    assert_eq!(tells_typing, "off");
}
