//! What somebody does rather than says: "/me nods".
//!
//! # Source
//! XEP-0245 v1.0 §3: the four characters stand at the very beginning.

use super::names::isolated;

const COMMAND: &str = "/me ";

/// Returns what stands behind the command, when a text begins with it.
pub fn without_command(text: &str) -> Option<&str> {
    text.strip_prefix(COMMAND)
}

/// Returns a text that tells what `who` does, as it is shown: "* Juliet nods".
pub fn action(text: &str, who: &str) -> Option<String> {
    Some(doer(text, who)? + without_command(text)?)
}

/// Returns what is shown in the command's place: "* Juliet ".
pub fn doer(text: &str, who: &str) -> Option<String> {
    let deed = without_command(text)?;
    Some(format!("* {} ", isolated(who, deed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_who_does_it() {
        assert_eq!(
            action("/me nods", "Juliet").as_deref(),
            Some("* Juliet nods")
        );
        assert_eq!(action("/me ", "Juliet").as_deref(), Some("* Juliet "));
    }

    #[test]
    fn only_the_four_characters_at_the_beginning_make_an_action() {
        for text in [
            "/me",
            "/meh",
            " /me nods",
            "I /me nods",
            "/ME nods",
            "/me\nnods",
        ] {
            assert_eq!(action(text, "Juliet"), None, "{text}");
        }
    }

    #[test]
    fn a13_a_name_that_reads_leftwards_does_not_turn_the_deed_around() {
        assert_eq!(
            action("/me nods", "יוליה").as_deref(),
            Some("* \u{2068}יוליה\u{2069} nods")
        );
    }
}
