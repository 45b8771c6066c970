//! Who draws: the graphics card, or the processor by itself.
//!
//! Where there is no card, GTK would play one on the processor (llvmpipe). That
//! costs a compiler in memory and a third of the time until the window is
//! there, and draws no better than cairo, which needs neither. Where cairo was
//! asked for, GTK prepares OpenGL all the same unless told not to.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// Environment variables that GTK reads when it starts, with their values.
pub type Choice = [(&'static str, &'static str); 2];

const PROCESSOR: Choice = [("GSK_RENDERER", "cairo"), ("GDK_DISABLE", "gl,vulkan")];

/// Returns what has to be set before GTK starts, if anything.
pub fn choice() -> Option<Choice> {
    let renderer = std::env::var_os("GSK_RENDERER");
    let is_decided = std::env::var_os("GDK_DISABLE").is_some();
    choose(renderer.as_deref(), is_decided, || {
        has_card(Path::new("/dev"))
    })
}

fn choose(
    renderer: Option<&OsStr>,
    is_decided: bool,
    has_card: impl FnOnce() -> bool,
) -> Option<Choice> {
    let by_processor = match renderer {
        Some(renderer) => renderer == "cairo",
        None => !has_card(),
    };
    (by_processor && !is_decided).then_some(PROCESSOR)
}

/// Returns whether a driver offers a card: the kernel's own, NVIDIA's, or that
/// of Windows around us.
fn has_card(devices: &Path) -> bool {
    let has_node = fs::read_dir(devices.join("dri")).is_ok_and(|nodes| {
        nodes
            .flatten()
            .any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
    });
    has_node || devices.join("nvidiactl").exists() || devices.join("dxg").exists()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_processor_draws_where_there_is_no_card() {
        assert_eq!(choose(None, false, || false), Some(PROCESSOR));
        assert_eq!(choose(None, false, || true), None);
    }

    #[test]
    fn what_the_user_chose_is_kept() {
        let named = |name: &'static str| Some(OsStr::new(name));

        assert_eq!(choose(named("ngl"), false, || false), None);
        assert_eq!(choose(named("cairo"), false, || true), Some(PROCESSOR));
        assert_eq!(choose(named("cairo"), true, || true), None);
        assert_eq!(choose(None, true, || false), None);
    }

    #[test]
    fn a_card_is_known_by_its_node() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_card(devices.path()));

        fs::create_dir(devices.path().join("dri")).unwrap();
        fs::write(devices.path().join("dri/card0"), "").unwrap();
        assert!(!has_card(devices.path()));

        fs::write(devices.path().join("dri/renderD128"), "").unwrap();
        assert!(has_card(devices.path()));
    }
}
