//! Who the client is, as a Worker sees it.

use serde_json::{Value, json};

use crate::curl::fetch;
use crate::gateway::Setup;
use crate::identity::{device, folder, users};
use crate::message::response;
use crate::workerd::Lab;

#[test]
fn a_worker_knows_who_asks_and_from_what_device() {
    let dir = folder("worker-devices");
    device(&dir, "laptop", "Managed");
    let tables = format!(
        "[identity]\nusers = \"users.toml\"\n[identity.device]\nca = [\"{}\"]\n\
         [[identity.device.check]]\nid = \"managed\"\norganizational_unit = \"Managed\"\n\
         [proxy_tls]\nlisten = [\"127.0.0.1:0\"]\n",
        dir.join("laptop-ca.pem").display()
    );
    let setup = Setup::new()
        .tables(&tables)
        .file("users.toml", &users(&[("alice", "geheim", "staff")]))
        .forward("w", r#"http.request.host == "origin.test""#)
        .worker(
            "w",
            "",
            "",
            "const [identity, posture] = [await context.identity(), await context.devicePosture()];
            return Response.json([identity, posture, request.headers.get(\"Proxy-Authorization\")]);",
        );
    let lab = Lab::new(setup, |_| response("200 OK", "", b"origin\n"));
    let urls = [lab.url("/"), "http://origin.test:1/".to_owned()];
    let seen = |url: &str, arguments: &[&str]| -> Value {
        let fetched = fetch(&lab.gateway, url, arguments);
        assert_eq!(fetched.status(), 200, "{url} {arguments:?}: {}", fetched.text());
        fetched.json()
    };
    let proxy = format!("https://127.0.0.1:{}", lab.gateway.tls_port());
    let ca = lab.gateway.ca().display().to_string();
    let (cert, key) = (dir.join("laptop.pem"), dir.join("laptop.key"));
    let (cert, key) = (cert.display().to_string(), key.display().to_string());
    let tls = ["--proxy", &proxy, "--proxy-cacert", &ca];
    let with_device = [&tls[..], &["--proxy-cert", &cert, "--proxy-key", &key]].concat();
    let alice = ["--proxy-user", "alice:geheim"];
    let person = json!({"id": "alice", "email": "alice@corp.test", "groups": [{"id": "staff", "name": "staff"}]});
    let owner = json!({
        "id": "laptop@corp.test", "email": "laptop@corp.test", "name": "laptop",
        "groups": [{"id": "Managed", "name": "Managed"}],
    });
    let certified = json!({
        "id": "laptop", "name": "laptop",
        "checks": {"passed": ["certificate", "managed"], "failed": []},
    });
    let bare = json!({"checks": {"passed": [], "failed": ["certificate", "managed"]}});
    for url in &urls {
        assert_eq!(seen(url, &[]), json!([null, null, null]), "{url}");
        assert_eq!(seen(url, &alice), json!([person, null, null]), "{url}");
        assert_eq!(seen(url, &with_device), json!([owner, certified, null]), "{url}");
        let both = [&with_device[..], &alice].concat();
        assert_eq!(seen(url, &both), json!([person, certified, null]), "{url}");
        assert_eq!(seen(url, &tls), json!([null, bare, null]), "{url}");
    }
    assert!(lab.origin.requests().is_empty());
    let _ = std::fs::remove_dir_all(dir);
}
