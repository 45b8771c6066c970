//! Writing a chat to a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Engine;
use crate::engine::error::ExportError;
use crate::engine::export::{Format, ending};
use crate::engine::model::ConversationId;
use crate::engine::store::{export, window};

/// So many messages are written at once.
const STEP: usize = 500;

impl Engine {
    /// Writes a chat to the file at `path`, the oldest message first, in place
    /// of what was there. `told` hears how many messages of how many are
    /// written. Dropping the future ends it, and leaves no file.
    ///
    /// # Errors
    /// The file cannot be written, or the history not be read; there is no file.
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
        let mut unfinished = Unfinished::create(path)?;
        let count = ids.len();
        // An empty chat has a heading as well.
        let steps = count.div_ceil(STEP).max(1);
        for step in 0..steps {
            let some = ids[step * STEP..count.min((step + 1) * STEP)].to_vec();
            let (mut file, heading) = (unfinished.file()?, heading.clone());
            // Written where it is read: a disk may be slow, and the window waits here.
            let written = self.store().read(move |connection| {
                let is_first = step == 0;
                export::write(connection, &mut file, format, &heading, &some, is_first)
            });
            written.await??;
            told(count.min((step + 1) * STEP), count);
        }
        unfinished.finish(ending(format))?;
        Ok(())
    }
}

/// A file that goes when it is not finished.
struct Unfinished {
    file: Option<File>,
    path: PathBuf,
}

impl Unfinished {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: Some(File::create(path)?),
            path: path.to_owned(),
        })
    }

    fn file(&self) -> io::Result<File> {
        match &self.file {
            Some(file) => file.try_clone(),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn finish(&mut self, ending: &str) -> io::Result<()> {
        let mut file = self.file()?;
        file.write_all(ending.as_bytes())?;
        file.sync_all()?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.file.take().is_some()
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "Half an exported chat was left behind.");
        }
    }
}
