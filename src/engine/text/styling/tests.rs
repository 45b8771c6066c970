//! Every rule and example of XEP-0393 v1.1.1, and what must not hold up.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// The text in parts that look alike, each with the letters of its style
/// before it: b, i, s and m for bold, italics, struck out and one width.
fn spans(text: &str) -> Vec<String> {
    let mut found: Vec<(Style, String)> = Vec::new();
    for piece in styled(text).into_iter().flat_map(|block| block.pieces) {
        let words = &text[piece.range];
        match found.last_mut() {
            Some((style, last)) if *style == piece.style => last.push_str(words),
            _ => found.push((piece.style, words.to_owned())),
        }
    }
    let kinds = [
        (Style::STRONG, 'b'),
        (Style::EMPHASIS, 'i'),
        (Style::STRIKE, 's'),
        (Style::CODE, 'm'),
    ];
    let letters = |style: Style| -> String {
        let of_it = kinds.iter().filter(|(kind, _)| style.has(*kind));
        of_it.map(|(_, letter)| *letter).collect()
    };
    found
        .into_iter()
        .map(|(style, words)| match style {
            Style::PLAIN => words,
            style => format!("{}:{words}", letters(style)),
        })
        .collect()
}

/// What is seen of each block, with its quote signs and "code" before it.
fn blocks(text: &str) -> Vec<String> {
    styled(text)
        .iter()
        .map(|block| {
            let seen = block.pieces.iter().filter(|p| p.role != Role::Frame);
            let words: String = seen.map(|piece| &text[piece.range.clone()]).collect();
            let code = if block.is_code { "code " } else { "" };
            format!("{}{code}{words}", ">".repeat(block.depth))
        })
        .collect()
}

fn is_unstyled(text: &str) -> bool {
    styled(text).iter().all(|block| {
        block.depth == 0
            && !block.is_code
            && block.pieces.iter().all(|piece| piece.style == Style::PLAIN)
    })
}

#[test]
fn example_plain_block_text() {
    let text = "There are three blocks in this body, one per line,\n\
                but there is no *formatting\nas spans* may not escape blocks.";

    assert!(is_unstyled(text));
}

#[test]
fn example_preformatted_block_text() {
    let text = "```ignored\n(println \"Hello, world!\")\n```\n\n\
                This should show up as monospace, preformatted text ⤴";

    assert_eq!(
        blocks(text),
        [
            "code ignored\n(println \"Hello, world!\")",
            "\nThis should show up as monospace, preformatted text ⤴"
        ]
    );
}

#[test]
fn example_no_closing_preformatted_text_sequence() {
    let text = "> ```\n> (println \"Hello, world!\")\n\n\
                The entire blockquote is a preformatted text block, but this line\nis plaintext!";

    assert_eq!(
        blocks(text),
        [
            ">code (println \"Hello, world!\")",
            "\nThe entire blockquote is a preformatted text block, but this line\nis plaintext!"
        ]
    );
}

#[test]
fn example_quotation() {
    assert_eq!(
        blocks("> That that is, is.\n\nSaid the old hermit of Prague."),
        [">That that is, is.", "\nSaid the old hermit of Prague."]
    );
}

#[test]
fn example_nested_quotation() {
    assert_eq!(
        blocks(">> That that is, is.\n> Said the old hermit of Prague.\n\nWho?"),
        [
            ">>That that is, is.",
            ">Said the old hermit of Prague.",
            "\nWho?"
        ]
    );
}

#[test]
fn examples_of_what_is_styled() {
    for (text, parts) in [
        ("plain span", &["plain span"][..]),
        ("*strong span*", &["b:*strong span*"]),
        (
            "plain _emphasis_ plain",
            &["plain ", "i:_emphasis_", " plain"],
        ),
        (
            "`pre` plain *strong*",
            &["m:`pre`", " plain ", "b:*strong*"],
        ),
        ("*strong*plain*", &["b:*strong*", "plain*"]),
        ("* plain *strong*", &["* plain ", "b:*strong*"]),
    ] {
        assert_eq!(spans(text), parts, "{text}");
    }
}

#[test]
fn examples_of_what_is_not_styled() {
    for text in [
        "not strong*",
        "*not strong",
        "*not \n strong*",
        "*not *strong",
        "**",
        "***",
        "****",
    ] {
        assert!(is_unstyled(text), "{text}");
    }
}

#[test]
fn example_plain_span() {
    assert_eq!(
        spans("Two spans, both *alike in dignity*"),
        ["Two spans, both ", "b:*alike in dignity*"]
    );
}

#[test]
fn example_italic() {
    assert_eq!(
        spans("The full title is _Twelfth Night, or What You Will_ but\n_most_ people shorten it."),
        [
            "The full title is ",
            "i:_Twelfth Night, or What You Will_",
            " but\n",
            "i:_most_",
            " people shorten it."
        ]
    );
}

#[test]
fn example_strong() {
    assert_eq!(
        spans(
            "The full title is \"Twelfth Night, or What You Will\" but\n*most* people shorten it."
        ),
        [
            "The full title is \"Twelfth Night, or What You Will\" but\n",
            "b:*most*",
            " people shorten it."
        ]
    );
}

#[test]
fn example_strike_through() {
    assert_eq!(
        spans("Everyone ~dis~likes cake."),
        ["Everyone ", "s:~dis~", "likes cake."]
    );
}

#[test]
fn examples_of_preformatted_spans() {
    for (text, parts) in [
        ("This is `monospace`", &["This is ", "m:`monospace`"][..]),
        ("This is `*monospace*`", &["This is ", "m:`*monospace*`"]),
        (
            "This is *`monospace and bold`*",
            &["This is ", "b:*", "bm:`monospace and bold`", "b:*"],
        ),
        (
            "Wow, I can write in `monospace`!",
            &["Wow, I can write in ", "m:`monospace`", "!"],
        ),
    ] {
        assert_eq!(spans(text), parts, "{text}");
    }
}

#[test]
fn rule_a_span_does_not_leave_its_block() {
    assert!(is_unstyled("*a\nb*"));
    assert_eq!(blocks("> *a\nb*"), [">*a", "b*"]);
    assert_eq!(spans("_a_\n*b*"), ["i:_a_", "\n", "b:*b*"]);
}

#[test]
fn rule_without_text_between_them_neither_sign_counts() {
    for text in ["**", "** a", "**a*", "a ** b", "__ ~~ ``", "``a`"] {
        assert!(is_unstyled(text), "{text}");
    }
}

#[test]
fn rule_an_opening_sign_stands_at_the_beginning_or_after_white_space() {
    assert!(is_unstyled("a*b*"));
    assert!(is_unstyled("(*b*)"));
    for gap in [" ", "\t", "\u{a0}", "\u{2003}", "\u{3000}", "\u{2028}"] {
        assert_eq!(spans(&format!("a{gap}*b*"))[1..], ["b:*b*"]);
    }
}

#[test]
fn rule_an_opening_sign_may_stand_after_another_kind_of_opening_sign() {
    assert_eq!(spans("*_a_*"), ["b:*", "bi:_a_", "b:*"]);
    assert_eq!(
        spans("~*_a_ b*~"),
        ["s:~", "bs:*", "bis:_a_", "bs: b*", "s:~"]
    );
    // A sign that opens nothing is none.
    assert!(is_unstyled("*_a_"));
    assert!(is_unstyled("a_*b*"));
}

#[test]
fn rule_an_opening_sign_is_not_followed_by_white_space() {
    assert!(is_unstyled("* a*"));
    assert!(is_unstyled("*\u{2003}a*"));
}

#[test]
fn rule_a_closing_sign_does_not_follow_white_space() {
    assert!(is_unstyled("*a *"));
    assert_eq!(spans("*a * b*"), ["b:*a * b*"]);
}

#[test]
fn rule_spans_are_matched_lazily_from_the_beginning() {
    assert_eq!(spans("*a* b*"), ["b:*a*", " b*"]);
    assert_eq!(spans("*a _b* c_"), ["b:*a _b*", " c_"]);
    assert_eq!(spans("*a `b* c`"), ["b:*a `b*", " c`"]);
    assert_eq!(spans("*a**"), ["b:*a*", "*"]);
}

#[test]
fn rule_signs_that_do_not_count_may_stand_between_two_that_do() {
    assert_eq!(spans("*a *b* c*"), ["b:*a *b*", " c*"]);
    assert_eq!(spans("_a_b c_"), ["i:_a_", "b c_"]);
    assert_eq!(spans("~a * b_c~"), ["s:~a * b_c~"]);
}

#[test]
fn rule_nothing_is_styled_in_a_preformatted_span() {
    assert_eq!(spans("`*a* _b_ ~c~`"), ["m:`*a* _b_ ~c~`"]);
}

#[test]
fn rule_nothing_is_styled_or_quoted_in_a_preformatted_block() {
    assert_eq!(blocks("```\n> a\n*b*\n```"), ["code > a\n*b*"]);
    assert_eq!(spans("```\n*b*\n```"), ["m:```\n*b*\n```"]);
}

#[test]
fn rule_only_three_grave_accents_alone_end_a_preformatted_block() {
    assert_eq!(
        blocks("```\na\n``` \n````\n ```\n```\nb"),
        ["code a\n``` \n````\n ```", "b"]
    );
    assert_eq!(blocks("```\na"), ["code a"]);
    assert_eq!(blocks("a ```\nb"), ["a ```\nb"]);
}

#[test]
fn rule_a_preformatted_block_ends_with_the_quote_it_is_in() {
    assert_eq!(
        blocks("> > ```\n> > a\n> b\n> ```\n> c\n> ```\nd"),
        [">>code a", ">b", ">code c", "d"]
    );
    // A quote in one is none.
    assert_eq!(blocks("> ```\n>> a\n> ```"), [">code > a"]);
}

#[test]
fn rule_one_white_space_character_is_trimmed_in_a_quote() {
    assert_eq!(blocks(">a\n> b\n>  c\n>\td"), [">a\nb\n c\nd"]);
    assert_eq!(blocks("> ```\n>   a"), [">code   a"]);
    assert_eq!(blocks("> > a\n>>b\n> >  c"), [">>a\nb\n c"]);
    assert_eq!(blocks(" > a"), [" > a"]);
}

#[test]
fn rule_spans_are_styled_in_a_quote_from_where_its_words_begin() {
    assert_eq!(spans("> *a*"), ["> ", "b:*a*"]);
    assert_eq!(spans(">*a*"), [">", "b:*a*"]);
}

#[test]
fn code_beside_code_stays_two_blocks() {
    assert_eq!(blocks("```\na\n```\n```\nb\n```"), ["code a", "code b"]);
}

#[test]
fn words_beside_the_sign_that_begins_code_are_not_out_of_sight() {
    assert_eq!(blocks("```hidden```"), ["code hidden```"]);
    assert_eq!(blocks("```"), ["code "]);
}

#[test]
fn five_hundred_nested_quotes_are_eight_and_text() {
    let text = format!("{}a", ">".repeat(500));

    let found = styled(&text);

    assert_eq!(found[0].depth, DEEPEST_QUOTE);
    assert_eq!(blocks(&text)[0], format!("{0}a", ">".repeat(500)));
    assert_eq!(styled(&"> ".repeat(500))[0].depth, DEEPEST_QUOTE);
}

#[test]
fn ten_thousand_combining_marks_are_one_piece() {
    let text = format!("*a{}*", "\u{301}".repeat(10_000));

    assert_eq!(spans(&text).len(), 1);
}

/// Texts that would take the square of their length, did a sign that has no
/// end look for it again and again.
#[test]
fn a_megabyte_of_anything_takes_no_time() {
    for unit in [
        "*a ",
        "*_~`a ",
        "*_~` ",
        "*a_b~c`d",
        " *",
        "*a* ",
        "> *a\n",
        ">",
        "```\n",
        "> ```\n>> a\n",
        "*a _b ~c `d* e_ f~ g` ",
        "\u{3000}",
        "a\n",
    ] {
        let text = unit.repeat(1_000_000 / unit.len());
        let begin = Instant::now();

        let joined: usize = styled(&text)
            .iter()
            .flat_map(|block| &block.pieces)
            .map(|piece| piece.range.len())
            .sum();

        assert_eq!(joined, text.len());
        // Takes some 0.1 s without optimisation; the square would take an hour.
        assert!(begin.elapsed().as_secs() < 5, "{unit:?}");
    }
}

/// Texts made of what means something, so that much of it happens.
fn tricky() -> impl Strategy<Value = String> {
    const BITS: &[&str] = &[
        "*", "_", "~", "`", "```", "> ", ">", "\n", " ", "a", "b c", "ß", "\u{301}", "\u{3000}",
        "\r",
    ];
    prop::collection::vec(prop::sample::select(BITS), 0..60).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn the_pieces_joined_are_the_text(text in prop_oneof![tricky(), any::<String>()]) {
        let mut at = 0;
        for piece in styled(&text).iter().flat_map(|block| &block.pieces) {
            prop_assert_eq!(piece.range.start, at);
            prop_assert!(piece.range.end > at);
            at = piece.range.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn only_signs_and_line_ends_can_be_out_of_sight(text in tricky()) {
        for piece in styled(&text).into_iter().flat_map(|block| block.pieces) {
            if piece.role == Role::Frame {
                let frame = &text[piece.range];
                prop_assert!(frame.chars().all(|c| c == '>' || c == '`' || c.is_whitespace()));
            }
        }
    }

    #[test]
    fn what_stands_in_a_line_does_not_style_the_next(above in tricky(), below in "[a*_~` ]{0,20}") {
        let above = above.replace(['`', '\n'], "");
        prop_assume!(!below.starts_with("```"));
        let text = format!("{above}\n{below}");
        let style_of = |text: &str, from: usize| -> Vec<Style> {
            let pieces = styled(text).into_iter().flat_map(|block| block.pieces);
            let styles = pieces.flat_map(|piece| piece.range.map(move |at| (at, piece.style)));
            styles.filter(|(at, _)| *at >= from).map(|(_, style)| style).collect()
        };
        prop_assert_eq!(style_of(&text, above.len() + 1), style_of(&below, 0));
    }
}
