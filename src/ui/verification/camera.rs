//! The camera: whether there is one, the question whether it may be used, and
//! its pictures.
//!
//! The desktop's portal says whether there is a camera and asks the user; then
//! GStreamer brings small pictures. Each is shown, and looked at for a code on
//! the thread that brought it: never on the one that draws. The camera is off
//! as soon as [`Camera`] is dropped.
//!
//! # Source
//! `org.freedesktop.portal.Camera`, version 1.

use std::os::fd::{AsRawFd, OwnedFd};

use ashpd::desktop::camera::{Camera as Portal, CameraAccessOptions, OpenPipeWireRemoteOptions};
use gstreamer::prelude::*;
use gstreamer::{self as gst, FlowError, FlowSuccess};
use gstreamer_app::{AppSink, AppSinkCallbacks};
use relm4::gtk::{gdk, glib};

use crate::engine::codes::{Frame, Pass, read_frame};

/// Size of a picture, in pixels; enough for a code held to the camera.
const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Pictures a second, at most.
const RATE: u32 = 12;
/// Bytes of a pixel: red, green, blue and one that means nothing.
const PIXEL: usize = 4;
/// What brings the pictures of a camera that the portal opened.
const PORTAL_ELEMENT: &str = "pipewiresrc";

/// Where pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A camera of this computer, by the portal.
    Portal,
    /// A source as GStreamer describes it: a test picture, say.
    Described(String),
}

/// Why there are no pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraTrouble {
    /// The user, or the desktop, said no.
    Refused,
    /// It cannot be reached, or stopped.
    Broken,
}

/// What the camera tells.
#[derive(Debug)]
pub enum Seen {
    /// A picture, to be shown.
    Picture(glib::Bytes),
    /// The text of a code in the picture.
    Code(String),
    /// No more pictures come.
    Ended,
}

/// A camera that is on.
pub struct Camera {
    pipeline: gst::Pipeline,
    /// The connection to the camera; it ends with this.
    remote: Option<OwnedFd>,
}

/// Returns whether pictures can be had. May take a second the first time, as
/// GStreamer looks for its parts.
pub async fn is_there(source: &Source) -> bool {
    if let Err(error) = gst::init() {
        tracing::info!(%error, "There is no camera without GStreamer.");
        return false;
    }
    if *source != Source::Portal {
        return true;
    }
    if gst::ElementFactory::find(PORTAL_ELEMENT).is_none() {
        tracing::info!("GStreamer has no part for the portal's cameras.");
        return false;
    }
    let is_present = async { Portal::new().await?.is_present().await };
    is_present.await.unwrap_or_else(|error: ashpd::Error| {
        tracing::info!(%error, "The portal has no camera.");
        false
    })
}

/// Asks the user, by the portal, whether the camera may be used.
pub async fn ask() -> Result<OwnedFd, CameraTrouble> {
    let asked = async {
        let portal = Portal::new().await?;
        portal
            .request_access(CameraAccessOptions::default())
            .await?
            .response()?;
        portal
            .open_pipe_wire_remote(OpenPipeWireRemoteOptions::default())
            .await
    };
    asked.await.map_err(|error: ashpd::Error| {
        tracing::info!(%error, "The camera may not be used.");
        match error {
            ashpd::Error::Response(_) => CameraTrouble::Refused,
            _ => CameraTrouble::Broken,
        }
    })
}

impl Camera {
    /// Switches the camera of the portal on; `told` hears what it sees.
    pub fn of_portal(
        remote: OwnedFd,
        told: impl Fn(Seen) + Send + Sync + Clone + 'static,
    ) -> Result<Self, CameraTrouble> {
        let description = format!("{PORTAL_ELEMENT} fd={}", remote.as_raw_fd());
        Self::start(&description, Some(remote), told)
    }

    /// Switches a described source on; `told` hears what it sees.
    pub fn described(
        description: &str,
        told: impl Fn(Seen) + Send + Sync + Clone + 'static,
    ) -> Result<Self, CameraTrouble> {
        Self::start(description, None, told)
    }

    fn start(
        source: &str,
        remote: Option<OwnedFd>,
        told: impl Fn(Seen) + Send + Sync + Clone + 'static,
    ) -> Result<Self, CameraTrouble> {
        let pipeline = pipeline(source, told).map_err(|error| {
            tracing::warn!(%error, "The camera cannot be used.");
            CameraTrouble::Broken
        })?;
        // It may take a while, so it happens elsewhere; what goes wrong is
        // told as an end.
        pipeline.call_async(|pipeline| {
            if let Err(error) = pipeline.set_state(gst::State::Playing) {
                tracing::warn!(%error, "The camera does not start.");
            }
        });
        Ok(Self { pipeline, remote })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        let remote = self.remote.take();
        self.pipeline.call_async(move |pipeline| {
            if let Err(error) = pipeline.set_state(gst::State::Null) {
                tracing::warn!(%error, "The camera does not stop.");
            }
            drop(remote);
        });
    }
}

/// Returns the picture as one to be shown.
pub fn texture(picture: &glib::Bytes) -> gdk::Texture {
    gdk::MemoryTexture::new(
        WIDTH as i32,
        HEIGHT as i32,
        gdk::MemoryFormat::R8g8b8x8,
        picture,
        WIDTH * PIXEL,
    )
    .into()
}

fn pipeline(
    source: &str,
    told: impl Fn(Seen) + Send + Sync + Clone + 'static,
) -> Result<gst::Pipeline, glib::BoolError> {
    let description = format!(
        "{source} ! videoconvert ! videoscale add-borders=true ! videorate drop-only=true max-rate={RATE} \
         ! video/x-raw,format=RGBx,width={WIDTH},height={HEIGHT},pixel-aspect-ratio=1/1 \
         ! appsink name=frames max-buffers=1 drop=true"
    );
    let pipeline = gst::parse::launch(&description)
        .map_err(|error| glib::bool_error!("{error}"))?
        .downcast::<gst::Pipeline>()
        .map_err(|_| glib::bool_error!("not a pipeline"))?;
    let frames = pipeline
        .by_name("frames")
        .and_downcast::<AppSink>()
        .ok_or_else(|| glib::bool_error!("no end of the pipeline"))?;
    let (seen, mut pass) = (told.clone(), Pass::Plain);
    frames.set_callbacks(
        AppSinkCallbacks::builder()
            .new_sample(move |frames| {
                let picture = take(frames).ok_or(FlowError::Error)?;
                let text = look(&picture, pass);
                // Each kind of code is looked for every second time.
                pass = match pass {
                    Pass::Plain => Pass::Inverted,
                    Pass::Inverted => Pass::Plain,
                };
                seen(Seen::Picture(picture));
                if let Some(text) = text {
                    seen(Seen::Code(text));
                }
                Ok(FlowSuccess::Ok)
            })
            .build(),
    );
    let bus = pipeline
        .bus()
        .ok_or_else(|| glib::bool_error!("no bus of the pipeline"))?;
    bus.set_sync_handler(move |_, message| {
        match message.view() {
            gst::MessageView::Error(error) => {
                tracing::warn!(error = %error.error(), "The camera stopped.");
                told(Seen::Ended);
            }
            gst::MessageView::Eos(_) => told(Seen::Ended),
            _ => {}
        }
        gst::BusSyncReply::Drop
    });
    Ok(pipeline)
}

fn take(frames: &AppSink) -> Option<glib::Bytes> {
    let sample = frames.pull_sample().ok()?;
    let map = sample.buffer()?.map_readable().ok()?;
    let picture = map.get(..WIDTH * HEIGHT * PIXEL)?;
    Some(glib::Bytes::from(picture))
}

fn look(picture: &[u8], pass: Pass) -> Option<String> {
    let grey: Vec<u8> = picture
        .chunks_exact(PIXEL)
        .map(|pixel| {
            let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            // How bright the eye sees each, in parts of 256 (Rec. 601).
            ((red * 77 + green * 150 + blue * 29) >> 8) as u8
        })
        .collect();
    read_frame(&Frame::new(WIDTH, HEIGHT, &grey)?, pass)
}
