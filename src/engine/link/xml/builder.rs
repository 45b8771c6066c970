//! Puts one top-level element together, piece by piece and without recursion.

use minidom::Element;
use rxml::{Namespace, NcName};

use super::XmlProblem;

/// The start tag of an element as it is being read.
pub(super) struct Head {
    pub prefix: Option<NcName>,
    pub name: NcName,
    /// `xmlns` (`None`) and `xmlns:prefix` attributes.
    pub declarations: Vec<(Option<NcName>, Namespace<'static>)>,
    /// All other attributes.
    pub attributes: Vec<((Option<NcName>, NcName), String)>,
    /// Declarations included.
    pub attribute_count: usize,
    /// Declarations included.
    pub attribute_bytes: usize,
}

impl Head {
    /// Starts an element.
    pub fn new(prefix: Option<NcName>, name: NcName) -> Self {
        Self {
            prefix,
            name,
            declarations: Vec::new(),
            attributes: Vec::new(),
            attribute_count: 0,
            attribute_bytes: 0,
        }
    }

    /// Adds an attribute or a declaration.
    pub fn push(
        &mut self,
        prefix: Option<NcName>,
        name: NcName,
        value: String,
    ) -> Result<(), XmlProblem> {
        match prefix {
            None if name.as_str() == "xmlns" => {
                self.declarations.push((None, value.into()));
            }
            Some(prefix) if prefix.as_str() == "xmlns" => {
                if value.is_empty() {
                    return Err(XmlProblem::new("a prefix stands for nothing"));
                }
                self.declarations.push((Some(name), value.into()));
            }
            prefix => self.attributes.push(((prefix, name), value)),
        }
        Ok(())
    }
}

/// An element under construction.
#[derive(Default)]
pub(super) struct Builder {
    /// The open elements, outermost first.
    open: Vec<Element>,
    elements: usize,
}

impl Builder {
    /// Forgets what was built.
    pub fn clear(&mut self) {
        self.open.clear();
        self.elements = 0;
    }

    /// Counts an element that begins.
    pub fn count_element(&mut self) {
        self.elements += 1;
    }

    /// Returns how many elements have begun.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// Begins an element inside the innermost open one.
    pub fn open(&mut self, element: Element) {
        self.open.push(element);
    }

    /// Adds text to the innermost open element.
    pub fn text(&mut self, text: String) {
        if let Some(innermost) = self.open.last_mut() {
            innermost.append_text(text);
        }
    }

    /// Ends the innermost open element; returns it when it was the outermost.
    pub fn close(&mut self) -> Option<Element> {
        let ended = self.open.pop()?;
        match self.open.last_mut() {
            Some(parent) => {
                parent.append_child(ended);
                None
            }
            None => Some(ended),
        }
    }
}
