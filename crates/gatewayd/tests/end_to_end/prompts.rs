//! Prompts to applications of language models by `curl`: a card number in one is refused, and beside one it
//! is not. And a sample of what no rule wants looked into.

use serde_json::json;

use crate::authority::{OriginAuthority, Validity};
use crate::curl::fetch;
use crate::gateway::Setup;
use crate::message::response;
use crate::origin::Origin;

const CARD: &str = "4111 1111 1111 1111";

const RULE: &str = r#"any(dlp.prompt.profiles[*] == "financial")"#;

#[test]
fn a_card_in_a_prompt_is_refused_and_beside_it_is_not() {
    let authority = OriginAuthority::new("Origins");
    let answer = response("200 OK", "", b"ok");
    let [chat, own] = ["chatgpt.com", "origin.test"].map(|host| {
        let (tls, answer) = (authority.server(host, Validity::Current), answer.clone());
        Origin::http(Some(tls), move |_, out| out.write_all(&answer))
    });
    let gateway = Setup::new()
        .tunnels_to(&chat)
        .tunnels_to(&own)
        .trusts(&authority)
        .resolves("chatgpt.com", "127.0.0.1")
        .policy_file("data/prompts.csv", "ours,POST,origin.test,/ask/*,form:question\n")
        .block("prompts", RULE)
        .start();
    let message = |text: &str, other: &str| {
        json!({
            "action": "next",
            "messages": [{"content": {"content_type": "text", "parts": [text]}}],
            "device": other,
        })
        .to_string()
    };
    let chat_url = format!("https://chatgpt.com:{}/backend-api/f/conversation", chat.port);
    let own_url = format!("https://origin.test:{}/ask/1", own.port);
    let (in_prompt, beside) = (message(&format!("my\n{CARD}"), "x"), message("hi", CARD));
    let form = "Content-Type: application/x-www-form-urlencoded";
    let (asked, other) =
        ("a=b&question=is+4111+1111+1111+1111", "question=x&b=4111+1111+1111+1111");
    for flag in ["--http1.1", "--http2"] {
        for (url, header, body, app, refused) in [
            (&chat_url, "Content-Type: application/json", &*in_prompt, "chatgpt", true),
            (&chat_url, "Content-Type: application/json", &*beside, "chatgpt", false),
            (&own_url, form, asked, "ours", true),
            (&own_url, form, other, "ours", false),
        ] {
            let name = format!("{url}?{refused}{flag}");
            let fetched = fetch(&gateway, &name, &[flag, "-H", header, "--data-binary", body]);
            assert_eq!(fetched.status(), if refused { 403 } else { 200 }, "{body}: {fetched:?}");
            let record = gateway.http_record(&name);
            assert_eq!(record["PromptApplication"], app, "{record}");
            let matched = record["PromptMatchedDlpProfiles"].as_array().map_or(0, Vec::len);
            assert_eq!(matched, usize::from(refused), "{record}");
            let found = record["UploadMatchedDlpProfiles"].to_string().contains("financial");
            assert!(found, "the body as a whole has it: {record}");
        }
    }
    assert_eq!(chat.requests().len() + own.requests().len(), 4);
}

#[test]
fn one_request_in_so_many_is_looked_into_for_the_record() {
    let origin =
        Origin::http(None, |request, out| out.write_all(&response("200 OK", "", &request.body)));
    let gateway = Setup::new().tables("[dlp]\nsample_one_in = 3\n").start();
    let body = format!("card {CARD}");
    let requests = 40;
    let url = |number: usize| format!("http://origin.test:{}/{number}", origin.port);
    for number in 0..requests {
        let fetched = fetch(&gateway, &url(number), &["--data-binary", &body]);
        assert_eq!((fetched.status(), fetched.text()), (200, body.clone()));
    }
    let mut sampled = 0;
    for number in 0..requests {
        let record = gateway.http_record(&url(number));
        assert_eq!(record["Action"], "allow");
        let is_sampled = record["DlpSampled"] == true;
        sampled += usize::from(is_sampled);
        for counts in ["UploadDlpMatchCounts", "DownloadDlpMatchCounts"] {
            assert_eq!(record[counts].to_string().contains("payment_card"), is_sampled, "{record}");
        }
    }
    assert!((1..=30).contains(&sampled), "{sampled} of {requests}");
    assert!(!gateway.records_text().contains("1111 1111"));
}
