//! Who clients are: passwords, tokens, certificates of devices and networks, by `curl`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::authority::{OriginAuthority, Validity, base64};
use crate::curl::{Fetched, fetch};
use crate::gateway::{Gateway, Setup};
use crate::message::response;
use crate::origin::Origin;

/// A rule that keeps everybody but the staff from `/staff`.
const STAFF: &str =
    r#"http.request.uri.path == "/staff" and not any(identity.groups.name[*] == "staff")"#;

/// The line that the program prints for a password.
pub(crate) fn hashed(password: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gateway-proxy"))
        .args(["identity", "hash"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// A file of users: name, password and group.
pub(crate) fn users(users: &[(&str, &str, &str)]) -> String {
    let user = |(name, password, group): &(&str, &str, &str)| {
        format!(
            "[[user]]\nname = \"{name}\"\n{}email = \"{name}@corp.test\"\ngroups = [\"{group}\"]\n",
            hashed(password)
        )
    };
    users.iter().map(user).collect()
}

/// Two origins, in the clear and in TLS, behind a gateway.
pub(crate) struct Lab {
    pub(crate) gateway: Gateway,
    pub(crate) plain: Origin,
    pub(crate) secure: Origin,
}

impl Lab {
    pub(crate) fn new(setup: Setup) -> Self {
        let authority = OriginAuthority::new("Origins");
        let tls = authority.server("origin.test", Validity::Current);
        let [plain, secure] = [None, Some(tls)].map(|tls| {
            Origin::http(tls, |_, out| out.write_all(&response("200 OK", "", b"hello\n")))
        });
        let gateway = setup.tunnels_to(&secure).trusts(&authority).start();
        Self { gateway, plain, secure }
    }

    pub(crate) fn urls(&self, path: &str) -> [String; 2] {
        [
            format!("http://origin.test:{}{path}", self.plain.port),
            format!("https://origin.test:{}{path}", self.secure.port),
        ]
    }

    /// What comes of both URLs: the status of the page, or that of CONNECT if that was refused.
    fn statuses(&self, path: &str, arguments: &[&str]) -> [u16; 2] {
        self.urls(path).map(|url| {
            let fetched: Fetched = fetch(&self.gateway, &url, arguments);
            if !matches!(fetched.connect_status, 0 | 200) {
                return fetched.connect_status;
            }
            // Where curl asks twice, the head of the second answer stands behind that of the first.
            let text = fetched.text();
            let second = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
            second.map_or_else(|| fetched.head.status(), |status| status.parse().unwrap())
        })
    }
}

fn required(rest: &str) -> String {
    format!("[identity]\nrequired = true\nusers = \"users.toml\"\n{rest}")
}

#[test]
fn passwords_let_in_and_groups_are_told_apart() {
    let people = users(&[("alice", "geheim", "staff"), ("bob", "hunter2", "guests")]);
    let setup = Setup::new().tables(&required("")).file("users.toml", &people);
    let mut lab = Lab::new(setup.block("staff-only", STAFF));
    assert_eq!(lab.statuses("/", &[]), [407, 407]);
    let asks = fetch(&lab.gateway, &lab.urls("/")[0], &[]);
    assert_eq!(
        asks.head.field("proxy-authenticate"),
        Some("Basic realm=\"gateway\", charset=\"UTF-8\"")
    );
    assert_eq!(lab.statuses("/", &["--proxy-user", "alice:Geheim"]), [407, 407]);
    // `--proxy-anyauth` asks first without, is refused, and comes again with.
    for extra in [&["--proxy-basic"][..], &["--proxy-anyauth"]] {
        for (user, staff) in [("alice:geheim", 200), ("bob:hunter2", 403)] {
            let arguments = [&["--proxy-user", user], extra].concat();
            assert_eq!(lab.statuses("/", &arguments), [200, 200], "{user}");
            assert_eq!(lab.statuses("/staff", &arguments), [staff, staff], "{user}");
        }
    }
    let body = "x".repeat(100_000);
    let upload = ["--proxy-user", "alice:geheim", "--proxy-anyauth", "--data", &body];
    assert_eq!(lab.statuses("/", &upload), [200, 200]);
    for origin in [&lab.plain, &lab.secure] {
        for request in origin.requests() {
            assert_eq!(request.head.field("proxy-authorization"), None);
        }
    }
    let records = lab.gateway.stop();
    let of = |kind: &str, status: u64, path: &str| -> Vec<&Value> {
        let is = |r: &&Value| {
            r["RecordType"] == kind
                && r["HTTPStatusCode"] == status
                && r["URL"].as_str().is_some_and(|url| url.ends_with(path))
        };
        records.iter().filter(is).collect()
    };
    for record in of("http", 403, "/staff") {
        assert_eq!(record["Email"], "bob@corp.test");
        assert_eq!(
            (&record["UserID"], &record["IdentitySource"]),
            (&json!("bob"), &json!("password"))
        );
        assert_eq!(record["UserGroups"], json!(["guests"]));
        assert_eq!(record["PolicyID"], "staff-only");
    }
    assert_eq!(of("http", 403, "/staff").len(), 4);
    let tunnel = records.iter().find(|r| r["RecordType"] == "session" && r["UserID"] == "alice");
    assert!(tunnel.is_some_and(|tunnel| tunnel["Email"] == "alice@corp.test"));
    let told = format!("{}{}", lab.gateway.records_text(), lab.gateway.terminal());
    for secret in ["geheim", "hunter2", "YWxpY2U6", "roxy-Authorization"] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[test]
fn who_guesses_is_locked_out() {
    let setup = Setup::new()
        .tables(&required("attempts_max = 2\nlock_ms = 3600000\n"))
        .file("users.toml", &users(&[("alice", "geheim", "staff"), ("bob", "b", "staff")]));
    let lab = Lab::new(setup);
    let url = &lab.urls("/")[0];
    let status = |user: &str| fetch(&lab.gateway, url, &["--proxy-user", user]).head.status();
    assert_eq!(status("alice:1"), 407);
    // The same again is no new guess.
    assert_eq!(status("alice:1"), 407);
    assert_eq!(status("alice:2"), 407);
    assert_eq!(status("alice:3"), 429);
    assert_eq!(status("alice:geheim"), 429);
    assert_eq!(status("bob:b"), 200);
    lab.gateway
        .wait_for("a warning", |gateway| gateway.terminal().contains("locked out").then_some(()));
}

#[test]
fn passwords_by_socks_name_the_user_and_guesses_are_counted() {
    let people = users(&[("alice", "geheim", "staff"), ("bob", "hunter2", "guests")]);
    let tables = required("attempts_max = 2\nlock_ms = 3600000\n[socks]\noffer = \"tcp\"\n");
    let setup = Setup::new().tables(&tables).file("users.toml", &people);
    let mut lab = Lab::new(setup.block("staff-only", STAFF));
    let port = lab.gateway.port;
    let by_socks = |user: &str, path: &str| {
        let socks = format!("{user}127.0.0.1:{port}");
        lab.urls(path).map(|url| {
            let fetched = fetch(&lab.gateway, &url, &["--socks5-hostname", &socks]);
            // 97: the proxy has refused.
            if fetched.exit == 97 { 97 } else { fetched.status() }
        })
    };
    assert_eq!(by_socks("alice:geheim@", "/"), [200, 200]);
    assert_eq!(by_socks("alice:geheim@", "/staff"), [200, 200]);
    assert_eq!(by_socks("bob:hunter2@", "/staff"), [403, 403]);
    assert_eq!(by_socks("", "/"), [97, 97], "without a password there is no method");
    assert_eq!(by_socks("alice:1@", "/"), [97, 97]);
    assert_eq!(by_socks("alice:2@", "/"), [97, 97]);
    // By whatever way they come: a password that was not seen yet is not looked at any more.
    let status =
        |user: &str| fetch(&lab.gateway, &lab.urls("/")[0], &["--proxy-user", user]).head.status();
    assert_eq!(status("alice:3"), 429);
    assert_eq!(status("bob:hunter2"), 200);
    let records = lab.gateway.stop();
    let of_socks = |status: u64| {
        let is = move |r: &&Value| r["RecordType"] == "http" && r["HTTPStatusCode"] == status;
        records.iter().filter(is).find(|r| r["DetectedProtocol"] == "tls").unwrap()
    };
    for (record, user) in [(of_socks(200), "alice"), (of_socks(403), "bob")] {
        assert_eq!(record["UserID"], user);
        assert_eq!(record["IdentitySource"], "password");
    }
    let refused: Vec<&Value> = records
        .iter()
        .filter(|r| r["DetectedProtocol"] == "socks5" && r["Action"] == "block")
        .collect();
    assert_eq!(refused.len(), 6, "one for each connection that was refused");
    for record in refused {
        assert_eq!((&record["UserID"], record["Warnings"].is_array()), (&Value::Null, true));
    }
    let told = format!("{}{}", lab.gateway.records_text(), lab.gateway.terminal());
    assert!(!told.contains("geheim") && !told.contains("hunter2"));
}

#[test]
fn who_need_not_be_known_may_give_a_password_by_socks() {
    let people = users(&[("alice", "geheim", "staff")]);
    let tables = "[identity]\nusers = \"users.toml\"\n[socks]\noffer = \"tcp\"\n";
    let setup = Setup::new().tables(tables).file("users.toml", &people);
    let lab = Lab::new(setup.block("staff-only", STAFF));
    let port = lab.gateway.port;
    for (user, path, status) in
        [("", "/", 200), ("", "/staff", 403), ("alice:geheim@", "/staff", 200)]
    {
        let socks = format!("{user}127.0.0.1:{port}");
        let fetched = fetch(&lab.gateway, &lab.urls(path)[0], &["--socks5-hostname", &socks]);
        assert_eq!(fetched.status(), status, "{user} {path}");
    }
    let wrong = format!("alice:falsch@127.0.0.1:{port}");
    assert_eq!(fetch(&lab.gateway, &lab.urls("/")[0], &["--socks5-hostname", &wrong]).exit, 97);
}

/// A key of an identity provider, and what it publishes.
struct Provider(EcdsaKeyPair);

fn url_safe(bytes: &[u8]) -> String {
    base64(bytes).replace('+', "-").replace('/', "_").replace('=', "")
}

impl Provider {
    fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref()).unwrap())
    }

    fn jwks(&self) -> String {
        let point = self.0.public_key().as_ref();
        let (x, y) = (url_safe(&point[1..33]), url_safe(&point[33..]));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]}).to_string()
    }

    fn token(&self, group: &str, lives_s: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let head = json!({"alg": "ES256", "typ": "JWT", "kid": "k"});
        let claims = json!({
            "iss": "https://idp.test", "aud": "gateway", "sub": "u7", "email": "carol@corp.test",
            "groups": [group], "exp": now.checked_add_signed(lives_s),
        });
        let part = |value: &Value| url_safe(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", url_safe(signature.as_ref()))
    }
}

#[test]
fn tokens_let_in_and_keys_change_while_it_runs() {
    let (provider, next) = (Provider::new(), Provider::new());
    let setup = Setup::new()
        .tables(
            "[identity]\nrequired = true\n[identity.jwt]\njwks = \"keys.json\"\n\
             issuer = \"https://idp.test\"\naudience = [\"gateway\"]\n",
        )
        .file("keys.json", &provider.jwks())
        .block("staff-only", STAFF);
    let lab = Lab::new(setup);
    let with = |token: &str, path: &str| {
        let field = format!("Proxy-Authorization: Bearer {token}");
        lab.statuses(path, &["--proxy-header", &field])
    };
    assert_eq!(lab.statuses("/", &[]), [407, 407]);
    assert_eq!(with(&provider.token("staff", 600), "/staff"), [200, 200]);
    assert_eq!(with(&provider.token("guests", 600), "/staff"), [403, 403]);
    assert_eq!(with(&provider.token("staff", -600), "/staff"), [407, 407]);
    assert_eq!(with(&next.token("staff", 600), "/staff"), [407, 407]);
    let record = lab.gateway.http_record("/staff");
    assert_eq!(
        (&record["Email"], &record["IdentitySource"]),
        (&json!("carol@corp.test"), &json!("token"))
    );
    // A wrong file changes nothing, and is told; a sound one counts at once.
    let old = provider.token("staff", 601);
    lab.gateway.write("keys.json", "{\n");
    lab.gateway.reload();
    assert!(lab.gateway.terminal().contains("keys.json:"), "{}", lab.gateway.terminal());
    assert_eq!(with(&old, "/"), [200, 200]);
    lab.gateway.write("keys.json", &next.jwks());
    lab.gateway.reload();
    assert_eq!(with(&old, "/"), [407, 407]);
    assert_eq!(with(&next.token("staff", 600), "/"), [200, 200]);
}

/// An authority for devices and one certificate, made by `openssl`.
pub(crate) fn device(dir: &Path, name: &str, unit: &str) {
    let at = |file: &str| dir.join(format!("{name}{file}")).display().to_string();
    let openssl = |words: &[&str]| {
        let output = Command::new("openssl").args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let (ca, ca_key, csr) = (at("-ca.pem"), at("-ca.key"), at(".csr"));
    let own = ["req", "-x509", "-subj", "/CN=Device CA", "-keyout", &ca_key, "-out", &ca];
    openssl(&[&own[..], &key].concat());
    let subject = format!("/O=Corp/OU={unit}/CN={name}");
    let wish = ["req", "-new", "-subj", &subject, "-keyout", &at(".key"), "-out", &csr];
    openssl(&[&wish[..], &key].concat());
    let extensions = at(".ext");
    std::fs::write(&extensions, format!("subjectAltName=email:{name}@corp.test\n")).unwrap();
    let by = ["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-extfile", &extensions];
    openssl(&[&["x509", "-req", "-in", &csr, "-out", &at(".pem")][..], &by].concat());
}

/// A folder of this name, for this run.
pub(crate) fn folder(name: &str) -> PathBuf {
    let name = format!("{name}-{}", std::process::id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn devices_show_certificates_and_networks_have_users() {
    let dir = folder("devices");
    device(&dir, "laptop", "Managed");
    device(&dir, "stranger", "Managed");
    let tables = format!(
        "[identity]\nrequired = true\n[identity.device]\nca = [\"{}\"]\n\
         [[identity.device.check]]\nid = \"managed\"\norganizational_unit = \"Managed\"\n\
         [[identity.network]]\nfrom = \"127.0.0.0/8\"\nuser = \"kiosk\"\n\
         [proxy_tls]\nlisten = [\"127.0.0.1:0\"]\n",
        dir.join("laptop-ca.pem").display()
    );
    let only_managed = "any(device_posture.checks.failed[*] == \"managed\")";
    let lab = Lab::new(Setup::new().tables(&tables).block("unmanaged", only_managed));
    let proxy = format!("https://127.0.0.1:{}", lab.gateway.tls_port());
    let ca = lab.gateway.ca().display().to_string();
    let at = |file: &str| dir.join(file).display().to_string();
    let tls = ["--proxy", &proxy, "--proxy-cacert", &ca];
    let (cert, key) = (at("laptop.pem"), at("laptop.key"));
    let managed = [&tls[..], &["--proxy-cert", &cert, "--proxy-key", &key]].concat();
    for version in ["--http1.1", "--http2"] {
        let arguments = [&managed[..], &[version]].concat();
        assert_eq!(lab.statuses(&format!("/{}", &version[2..]), &arguments), [200, 200]);
    }
    // On the port without TLS nobody is asked for a certificate: the network vouches.
    assert_eq!(lab.statuses("/kiosk", &[]), [200, 200]);
    assert_eq!(lab.statuses("/bare", &tls), [403, 403]);
    let (cert, key) = (at("stranger.pem"), at("stranger.key"));
    let stranger = [&tls[..], &["--proxy-cert", &cert, "--proxy-key", &key]].concat();
    let refused = fetch(&lab.gateway, &lab.urls("/stranger")[0], &stranger);
    assert_ne!(refused.exit, 0, "{refused:?}");
    let record = lab.gateway.http_record("/http1.1");
    assert_eq!((&record["DeviceID"], &record["DeviceName"]), (&json!("laptop"), &json!("laptop")));
    assert_eq!(
        (&record["Email"], &record["IdentitySource"]),
        (&json!("laptop@corp.test"), &json!("certificate"))
    );
    let record = lab.gateway.http_record("/bare");
    assert_eq!(record["FailedPostureChecks"], json!(["certificate", "managed"]));
    let record = lab.gateway.http_record("/kiosk");
    assert_eq!(
        (&record["UserID"], &record["IdentitySource"]),
        (&json!("kiosk"), &json!("address"))
    );
    let _ = std::fs::remove_dir_all(dir);
}
