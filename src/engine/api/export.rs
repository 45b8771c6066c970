//! Writing a chat to a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Engine;
use crate::engine::account::random_id;
use crate::engine::error::ExportError;
use crate::engine::export::{Format, ending};
use crate::engine::model::ConversationId;
use crate::engine::store::{export, window};

/// So many messages are written at once.
const STEP: usize = 500;

impl Engine {
    /// Writes a chat to the file at `path`, the oldest message first, in place
    /// of what was there, and closed to other users. `told` hears how many
    /// messages of how many are written. The file is there when it is whole:
    /// dropping the future before ends it, and leaves all as it was.
    ///
    /// # Errors
    /// The file cannot be written, or the history not be read; all is as it was.
    pub async fn export_chat(
        &self,
        conversation: ConversationId,
        format: Format,
        path: &Path,
        told: impl Fn(usize, usize),
    ) -> Result<(), ExportError> {
        let known = self.store().read(move |connection| {
            let heading = export::heading(connection, conversation)?;
            Ok((heading, window::message_ids(connection, conversation)?))
        });
        let (Some(heading), ids) = known.await? else {
            return Err(ExportError::Gone);
        };
        let unfinished = Unfinished::beside(path)?;
        let count = ids.len();
        // An empty chat has a heading as well.
        let steps = count.div_ceil(STEP).max(1);
        for step in 0..steps {
            let some = ids[step * STEP..count.min((step + 1) * STEP)].to_vec();
            let (mut file, heading) = (unfinished.file.try_clone()?, heading.clone());
            // Written where it is read: a disk may be slow, and the window waits here.
            let written = self.store().read(move |connection| {
                let is_first = step == 0;
                let written =
                    export::write(connection, &mut file, format, &heading, &some, is_first)?;
                if step + 1 < steps {
                    return Ok(written);
                }
                Ok(written
                    .and_then(|()| file.write_all(ending(format).as_bytes()))
                    .and_then(|()| file.sync_all()))
            });
            written.await??;
            told(count.min((step + 1) * STEP), count);
        }
        unfinished.finish(path)?;
        Ok(())
    }
}

/// A file beside the one that it is to be, which goes when it is not finished.
struct Unfinished {
    file: File,
    path: PathBuf,
    is_whole: bool,
}

impl Unfinished {
    fn beside(path: &Path) -> io::Result<Self> {
        let path = path.with_file_name(format!(".stonechat-{}.part", random_id()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            file,
            path,
            is_whole: false,
        })
    }

    fn finish(mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_whole
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "Half an exported chat was left behind.");
        }
    }
}
