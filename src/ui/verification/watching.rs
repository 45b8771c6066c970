//! The dialog and the camera: on, off, and what it sees.

use relm4::ComponentSender;

use super::camera::{self, Camera, CameraTrouble, Seen, Source};
use super::hear::told;
use super::{Read, Verification, Widgets, words};

impl Verification {
    /// Switches the camera on; the portal asks the user first.
    pub(super) fn ask_for_camera(&mut self, widgets: &Widgets, sender: &ComponentSender<Self>) {
        match &self.init.camera {
            Source::Portal => {
                sender.oneshot_command(async { Read::Camera(camera::ask().await) });
            }
            Source::Described(description) => {
                let camera = Camera::described(description, told(sender));
                self.switched(camera, widgets);
            }
        }
    }

    /// The camera is on, or cannot be.
    pub(super) fn switched(&mut self, camera: Result<Camera, CameraTrouble>, widgets: &Widgets) {
        match camera {
            Ok(camera) => {
                widgets.show_trouble(None);
                self.camera = Some(camera);
            }
            Err(trouble) => {
                self.camera = None;
                widgets.show_trouble(Some(&words::camera(trouble)));
            }
        }
        widgets.show_camera(self.camera.is_some());
    }

    /// Switches the camera off.
    pub(super) fn stop_camera(&mut self, widgets: &Widgets) {
        self.camera = None;
        widgets.show_camera(false);
    }

    /// Takes what the camera sees.
    pub(super) fn saw(&mut self, seen: Seen, widgets: &Widgets, sender: &ComponentSender<Self>) {
        // What was on its way when it was switched off.
        if self.camera.is_none() {
            return;
        }
        match seen {
            Seen::Picture(picture) => widgets.show_picture(&camera::texture(&picture)),
            Seen::Code(text) => self.take(&text, widgets, sender),
            Seen::Ended => self.switched(Err(CameraTrouble::Broken), widgets),
        }
    }
}
