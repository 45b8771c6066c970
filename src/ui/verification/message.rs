//! What the dialog is told, and what is read for it.

use std::os::fd::OwnedFd;

use relm4::gtk::gio;

use super::arrival::{Arrival, NoArrival};
use super::camera::{CameraTrouble, Seen};
use crate::engine::codes::PictureFault;
use crate::engine::error::{StoreError, VerifyError};
use crate::engine::model::{Device, Fingerprint, Trust, Verified};
use crate::engine::text::VerificationLink;

/// What the dialog is told.
#[derive(Debug)]
pub enum VerificationMsg {
    /// Copy the own code as a link.
    CopyLink,
    /// Let the user choose a picture.
    OpenPicture,
    /// A file was chosen or dropped.
    Chosen(gio::File),
    /// A text was dropped.
    Dropped(String),
    /// Take what was copied.
    Paste,
    /// What was dropped, pasted or chosen was read.
    Arrived(Result<Arrival, NoArrival>),
    /// Switch the camera on.
    StartCamera,
    /// Switch it off.
    StopCamera,
    /// The camera told something.
    Saw(Seen),
    /// Compare the keys by eye.
    ByEye,
    /// The user compared the key of a device: it is the same, or not.
    Compared(Box<Device>, bool),
    /// Trust a key so far.
    Trust(Fingerprint, Trust),
    /// Go back to the codes.
    Again,
    /// Close.
    Done,
}

/// What was read for the dialog.
#[derive(Debug)]
pub enum Read {
    /// The user's own code.
    OwnCode(Result<Option<String>, StoreError>),
    /// The user's devices and the other side's.
    Devices(Result<(Vec<Device>, Vec<Device>), StoreError>),
    /// A picture was looked at.
    Picture(Result<String, PictureFault>),
    /// A code was compared; the devices as they are after it.
    Verified(
        Box<VerificationLink>,
        Result<(Verified, Vec<Device>), VerifyError>,
    ),
    /// Whether there is a camera.
    HasCamera(bool),
    /// The user was asked for the camera.
    Camera(Result<OwnedFd, CameraTrouble>),
    /// The devices changed.
    Changed,
}
