//! Which prefix means which namespace, for the elements that are open.
//!
//! As deep as what is built, never deeper: skipped elements are not resolved.

use minidom::Element;
use rxml::{AttrMap, Namespace, NcName};

use super::XmlProblem;
use super::builder::Head;

/// The declarations of one element.
#[derive(Default)]
struct Scope {
    default: Option<Namespace<'static>>,
    prefixes: Vec<(NcName, Namespace<'static>)>,
}

/// The declarations of the open elements, the stream first.
#[derive(Default)]
pub(super) struct Scopes(Vec<Scope>);

impl Scopes {
    /// Opens an element: notes what it declares, and resolves its names.
    ///
    /// # Errors
    /// [`XmlProblem::NotWellFormed`] for an undeclared prefix, and for what is
    /// declared or set twice.
    pub fn open(&mut self, head: Head) -> Result<Element, XmlProblem> {
        let mut scope = Scope::default();
        for (prefix, namespace) in head.declarations {
            let is_double = match prefix {
                None => scope.default.replace(namespace).is_some(),
                Some(prefix) => {
                    let is_double = scope.prefixes.iter().any(|(known, _)| *known == prefix);
                    scope.prefixes.push((prefix, namespace));
                    is_double
                }
            };
            if is_double {
                return Err(XmlProblem::new("a namespace is declared twice"));
            }
        }
        self.0.push(scope);

        let mut attributes = AttrMap::new();
        for ((prefix, name), value) in head.attributes {
            let namespace = match prefix {
                Some(prefix) => self.lookup(&prefix)?,
                None => Namespace::NONE,
            };
            if attributes.insert(namespace, name, value).is_some() {
                return Err(XmlProblem::new("an attribute is set twice"));
            }
        }
        let namespace = match &head.prefix {
            Some(prefix) => self.lookup(prefix)?,
            None => self.default_namespace(),
        };
        let mut element = Element::bare(head.name.as_str(), namespace);
        *element.attrs_mut() = attributes;
        Ok(element)
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) {
        self.0.pop();
    }

    /// Closes all elements but the stream.
    pub fn keep_stream_only(&mut self) {
        self.0.truncate(1);
    }

    fn default_namespace(&self) -> Namespace<'static> {
        let mut scopes = self.0.iter().rev();
        let nearest = scopes.find_map(|scope| scope.default.as_ref());
        nearest.map_or(Namespace::NONE, Clone::clone)
    }

    fn lookup(&self, prefix: &NcName) -> Result<Namespace<'static>, XmlProblem> {
        if prefix.as_str() == "xml" {
            return Ok(Namespace::XML);
        }
        let declared = self.0.iter().rev().find_map(|scope| {
            let mut prefixes = scope.prefixes.iter();
            prefixes.find(|(known, _)| known == prefix)
        });
        match declared {
            Some((_, namespace)) => Ok(namespace.clone()),
            None => Err(XmlProblem::new("a prefix is not declared")),
        }
    }
}
