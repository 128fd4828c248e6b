//! The approval page: the proxy's own view of a plan, and a form. It works without scripts.

use crate::error::ApiError;
use crate::plan::Kept;
use crate::plan::view::{plain, rows, sentence};
use casebook_wire::plan::State;
use std::fmt::Write;

/// The page of one plan, with what was wrong with the last try.
pub(super) fn plan(kept: &Kept, wrong: Option<&ApiError>) -> String {
    let mut main = format!("<h1>{}</h1>\n", capital(&escape(&sentence(kept))));
    if let Some(error) = wrong {
        let _ = writeln!(
            main,
            "<p class=\"wrong\" role=\"alert\">{} {}</p>",
            escape(&error.error),
            escape(&error.next)
        );
    }
    main.push_str("<table>\n<caption>What the proxy itself sees</caption>\n");
    for (name, value) in rows(kept) {
        let _ = writeln!(
            main,
            "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>",
            escape(&value)
        );
    }
    main.push_str("</table>\n");
    if let Some(note) = kept.plan.note.as_deref().filter(|note| !note.is_empty()) {
        let _ = writeln!(
            main,
            "<figure><figcaption>The notebook says (nobody has checked it):</figcaption>\n<blockquote>{}</blockquote></figure>",
            escape(&plain(note))
        );
    }
    let _ = writeln!(
        main,
        "<details><summary>The line that the host will run</summary>\n<pre>{}</pre></details>",
        escape(&kept.plan.line)
    );
    if kept.progress.state == State::Waiting {
        form(kept, &mut main);
    }
    html(&format!("Casebook: plan {}", kept.plan.host), &main)
}

fn form(kept: &Kept, main: &mut String) {
    let id = escape(&kept.plan.id);
    let _ = writeln!(
        main,
        "<form method=\"post\" action=\"/plans/{id}/approve\" autocomplete=\"off\">\n\
         <input type=\"hidden\" name=\"digest\" value=\"{digest}\">\n\
         <label for=\"code\">The code that the proxy printed on its terminal</label>\n\
         <input id=\"code\" name=\"code\" type=\"text\" required autofocus spellcheck=\"false\" autocapitalize=\"characters\" maxlength=\"20\">\n\
         <p class=\"hint\">{tries} left. Never type this code anywhere else; a notebook has no use for it.</p>\n\
         <button type=\"submit\">Approve</button>\n\
         <button type=\"submit\" formaction=\"/plans/{id}/refuse\" class=\"no\">Refuse</button>\n\
         </form>",
        digest = escape(&kept.digest),
        tries = match kept.progress.tries_left {
            1 => "One try".to_owned(),
            left => format!("{left} tries"),
        },
    );
}

/// What is at the root.
pub(super) fn front() -> String {
    html(
        "Casebook: approvals",
        "<h1>Approvals</h1>\n<p>A plan's page is opened by the link that the notebook shows.</p>\n",
    )
}

/// An error as a page.
pub(super) fn error(error: &ApiError) -> String {
    let main = format!(
        "<h1>Nothing was approved</h1>\n<p class=\"wrong\" role=\"alert\">{}</p>\n<p>{}</p>\n",
        escape(&error.error),
        escape(&error.next)
    );
    html("Casebook: approvals", &main)
}

fn html(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/approval.css\">\n</head>\n\
         <body>\n<main>\n{main}</main>\n</body>\n</html>\n",
        escape(&plain(title))
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("<b a='1' c=\"2\">&"),
            "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;"
        );
    }
}
