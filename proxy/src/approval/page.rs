//! The approval page: the proxy's own view of a plan, and a form. It works without scripts.

use crate::error::ApiError;
use crate::plan::Kept;
use crate::plan::words::{parts, plain, rows, sentence, standing, tries};
use casebook_wire::plan::State;
use std::fmt::Write;

/// The page of one plan, with what was wrong with the last try.
pub(super) fn plan(kept: &Kept, wrong: Option<&ApiError>) -> String {
    let waiting = kept.progress.state == State::Waiting;
    let mut main = heading(kept);
    let (standing, next) = standing(kept);
    let _ = writeln!(
        main,
        "<p class=\"standing {}\" role=\"status\"><strong>{}</strong> {}</p>",
        tone(kept.progress.state),
        escape(&standing),
        escape(&next)
    );
    // Where there is a form, what was wrong stands beside the field that it is about.
    if let Some(error) = wrong.filter(|_| !waiting) {
        main.push_str(&alert(error));
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
    if waiting {
        main.push_str(&form(kept, wrong));
    }
    let state = match wrong {
        Some(_) if waiting => "not approved",
        _ => kept.progress.state.name(),
    };
    html(&format!("{state}: {} – Casebook", sentence(kept)), &main)
}

fn heading(kept: &Kept) -> String {
    let words = parts(kept).map(|(word, name)| {
        format!(
            "{} <span class=\"name\">{}</span>",
            escape(word),
            // Where a path is longer than a line, it breaks between its folders.
            escape(&name).replace('/', "/<wbr>")
        )
    });
    format!(
        "<p class=\"product\">Casebook: a change of a host</p>\n<h1>{}</h1>\n",
        capital(&words.join(" "))
    )
}

fn tone(state: State) -> &'static str {
    match state {
        State::Approved | State::Applied | State::Undone => "ok",
        State::Waiting | State::Applying => "warn",
        State::Failed | State::Unknown => "bad",
        State::Expired | State::Cancelled | State::Refused => "over",
    }
}

fn alert(error: &ApiError) -> String {
    format!(
        "<p class=\"wrong\" role=\"alert\" id=\"wrong\"><strong>{}</strong> {}</p>\n",
        escape(&error.error),
        escape(&error.next)
    )
}

/// The field has the focus only after a wrong try: at first, the page is to be read from its top.
fn form(kept: &Kept, wrong: Option<&ApiError>) -> String {
    let field = match wrong {
        Some(_) => "aria-describedby=\"wrong hint\" aria-invalid=\"true\" autofocus",
        None => "aria-describedby=\"hint\"",
    };
    format!(
        "<form method=\"post\" action=\"/plans/{id}/approve\" autocomplete=\"off\">\n\
         {alert}\
         <input type=\"hidden\" name=\"digest\" value=\"{digest}\">\n\
         <label for=\"code\">The code from the proxy's terminal</label>\n\
         <p class=\"hint\" id=\"hint\">It stands there behind this page's address, such as K7QX-M2PD; {tries}. \
         Type it nowhere else: a notebook has no use for it.</p>\n\
         <input id=\"code\" name=\"code\" type=\"text\" required spellcheck=\"false\" autocapitalize=\"characters\" maxlength=\"20\" {field}>\n\
         <div class=\"actions\">\n\
         <button type=\"submit\" class=\"approve\">Approve</button>\n\
         <button type=\"submit\" class=\"refuse\" formaction=\"/plans/{id}/refuse\">Refuse</button>\n\
         </div>\n</form>\n",
        id = escape(&kept.plan.id),
        alert = wrong.map(alert).unwrap_or_default(),
        digest = escape(&kept.digest),
        tries = tries(kept.progress.tries_left),
    )
}

/// What is at the root.
pub(super) fn front() -> String {
    html(
        "Approvals – Casebook",
        "<h1>Approvals</h1>\n<p>A plan's page is opened by the link that the notebook shows.</p>\n",
    )
}

/// An error as a page.
pub(super) fn error(error: &ApiError) -> String {
    let main = format!("<h1>Nothing was approved</h1>\n{}", alert(error));
    html("Nothing was approved – Casebook", &main)
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
