//! The page: a few files by hand, part of the program. They hold no data and no secret.

use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use crate::guard::Entrance;
use crate::problem::Problem;
use crate::texts::mark_of;

/// One file: its path, its media type, its contents.
type File = (&'static str, &'static str, &'static str);

const JS: &str = "text/javascript; charset=utf-8";

/// The files.
pub(crate) const FILES: [File; 10] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/api.js", JS, include_str!("../page/api.js")),
    ("/app.css", "text/css; charset=utf-8", include_str!("../page/app.css")),
    ("/app.js", JS, include_str!("../page/app.js")),
    ("/charts.js", JS, include_str!("../page/charts.js")),
    ("/editor.js", JS, include_str!("../page/editor.js")),
    ("/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
    ("/live.js", JS, include_str!("../page/live.js")),
    ("/rules.js", JS, include_str!("../page/rules.js")),
    ("/why.js", JS, include_str!("../page/why.js")),
];

/// Says whether a token is to be shown, so that the page asks for it only where it is.
pub(crate) async fn door(entrance: Extension<Entrance>) -> Response {
    let needed = entrance.token.is_some();
    Json(serde_json::json!({ "needs_token": needed })).into_response()
}

/// Answers with the file that is asked for.
pub(crate) async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(path, ..)| *path == uri.path()) else {
        return Problem::not_found("there is nothing of this name").into_response();
    };
    let mark = mark_of(&[("", text)]);
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == mark.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, mark)]).into_response();
    }
    let headers = [(CONTENT_TYPE, (*kind).to_owned()), (ETAG, mark)];
    (headers, *text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_needs_what_the_policy_of_content_forbids() {
        for (path, kind, text) in FILES {
            if kind.starts_with("text/html") {
                for banned in ["<style", "style=", "onclick", "<script>", "http://", "https://"] {
                    assert!(!text.contains(banned), "{path}: {banned}");
                }
            }
            if kind == JS {
                for banned in
                    ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"]
                {
                    assert!(!text.contains(banned), "{path}: {banned}");
                }
                for import in text.split("from \".").skip(1) {
                    let name = import.split('"').next().unwrap();
                    assert!(FILES.iter().any(|(path, ..)| *path == name), "{path}: .{name}");
                }
            }
        }
    }
}
