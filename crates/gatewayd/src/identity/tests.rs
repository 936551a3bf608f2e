//! The sources together: passwords, locks, reloads; tokens and certificates against real keys.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::config::{self, Jwt, JwtAlgorithm, PostureCheck};
use crate::scratch::Scratch;

const HERE: [u8; 4] = [192, 0, 2, 1];

fn basic(user: &str, password: &'static str) -> Identify {
    let credentials = Credentials::Basic { user: user.into(), password: password.into() };
    Identify { stream: gateway_h1h2::StreamId::new(0), client: HERE.into(), credentials }
}

/// Settings with a file of users in `scratch`: alice, whose password is `geheim`.
fn with_users(scratch: &Scratch) -> Identity {
    let hash = hash(b"geheim").unwrap();
    let text = format!("[[user]]\nname = \"alice\"\npassword = \"{hash}\"\n");
    Identity { users: scratch.write("users.toml", text), attempts_max: 3, ..Identity::default() }
}

#[tokio::test]
async fn passwords_are_checked_once_and_remembered() {
    let scratch = Scratch::new();
    let identifier = Arc::new(Identifier::new(load(&with_users(&scratch)).unwrap()).unwrap());
    let right = basic("alice", "geheim");
    assert_eq!(identifier.remembered(&right.credentials), None);
    let alice = identifier.clone().identify(right.clone()).await.unwrap();
    assert_eq!(alice.id, "alice");
    assert_eq!(identifier.remembered(&right.credentials), Some(Ok(alice)));
    let wrong = basic("alice", "Geheim");
    assert_eq!(identifier.clone().identify(wrong.clone()).await, Err(Unidentified::Wrong));
    assert_eq!(identifier.remembered(&wrong.credentials), Some(Err(Unidentified::Wrong)));
}

#[tokio::test]
async fn who_guesses_is_locked_out_even_with_the_right_password() {
    let scratch = Scratch::new();
    let identifier = Arc::new(Identifier::new(load(&with_users(&scratch)).unwrap()).unwrap());
    for guess in ["a", "b", "c"] {
        let answer = identifier.clone().identify(basic("alice", guess)).await;
        assert_eq!(answer, Err(Unidentified::Wrong));
    }
    let began = Instant::now();
    let answer = identifier.clone().identify(basic("alice", "geheim")).await;
    assert!(matches!(answer, Err(Unidentified::Locked { .. })), "{answer:?}");
    assert!(began.elapsed() >= LOCKED_DELAY);
    // From elsewhere alice comes in; a reload does not help the guesser.
    let elsewhere = Identify { client: [192, 0, 2, 2].into(), ..basic("alice", "geheim") };
    scratch.write(
        "users.toml",
        std::fs::read_to_string(scratch.path().join("users.toml")).unwrap() + "#\n",
    );
    let settings = Identity {
        users: scratch.path().join("users.toml"),
        attempts_max: 3,
        ..Identity::default()
    };
    let next = identifier.next(load(&settings).unwrap()).unwrap();
    assert!(!Arc::ptr_eq(&identifier, &next));
    let answer = next.clone().identify(basic("alice", "geheim")).await;
    assert!(matches!(answer, Err(Unidentified::Locked { .. })), "{answer:?}");
    assert!(next.identify(elsewhere).await.is_ok());
}

#[test]
fn what_has_not_changed_is_kept_over_a_reload() {
    let scratch = Scratch::new();
    let settings = with_users(&scratch);
    let identifier = Arc::new(Identifier::new(load(&settings).unwrap()).unwrap());
    assert!(Arc::ptr_eq(&identifier, &identifier.next(load(&settings).unwrap()).unwrap()));
    let other = Identity { cache_ms: 1, ..settings };
    assert!(!Arc::ptr_eq(&identifier, &identifier.next(load(&other).unwrap()).unwrap()));
}

#[test]
fn schemes_are_those_that_can_be_checked() {
    let scratch = Scratch::new();
    let asked =
        |settings: &Identity| Identifier::new(load(settings).unwrap()).unwrap().identification();
    assert_eq!(asked(&Identity::default()).schemes, []);
    let settings = Identity { required: true, ..with_users(&scratch) };
    assert_eq!(asked(&settings).schemes, [AuthScheme::Basic]);
    assert_eq!(asked(&settings).anonymous, Anonymous::Challenge);
}

/// An identity provider with one key of each kind that tests can make.
struct Provider {
    ed: EncodingKey,
    ec: EncodingKey,
    jwks: String,
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            out.push(char::from(ALPHABET[index as usize]));
        }
    }
    out
}

impl Provider {
    fn new() -> Self {
        use aws_lc_rs::signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        };
        let rng = aws_lc_rs::rand::SystemRandom::new();
        let ed = Ed25519KeyPair::generate_pkcs8v1(&rng).unwrap();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let ed_pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(ed.as_ref()).unwrap();
        let ec_pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref()).unwrap();
        let point = ec_pair.public_key().as_ref();
        let jwks = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig",
             "x": base64(ed_pair.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256",
             "x": base64(&point[1..33]), "y": base64(&point[33..])},
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        ]});
        Self {
            ed: EncodingKey::from_ed_der(ed.as_ref()),
            ec: EncodingKey::from_ec_der(ec.as_ref()),
            jwks: jwks.to_string(),
        }
    }

    fn sign(&self, algorithm: Algorithm, kid: &str, claims: &Value) -> String {
        let key = match algorithm {
            Algorithm::EdDSA => &self.ed,
            _ => &self.ec,
        };
        let header = Header { kid: Some(kid.into()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, key).unwrap()
    }

    fn tokens(&self, change: impl FnOnce(&mut Jwt)) -> Result<Tokens, String> {
        let mut settings = Jwt {
            jwks: "keys.json".into(),
            issuer: "https://idp.test".into(),
            audience: vec!["gateway".into()],
            ..Jwt::default()
        };
        change(&mut settings);
        Tokens::parse(&settings, &self.jwks).map_err(|error| error.to_string())
    }
}

fn claims(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = json!({
        "iss": "https://idp.test", "aud": ["other", "gateway"], "sub": "u1",
        "exp": unix_s() + 600, "nbf": unix_s() - 5, "email": "alice@corp.test",
        "name": "Alice", "groups": ["staff", {"id": "g2", "name": "ops", "email": "ops@corp.test"}],
    });
    change(&mut claims);
    claims
}

#[test]
fn tokens_say_who_the_user_is_and_for_how_long() {
    let provider = Provider::new();
    let tokens = provider.tokens(|_| {}).unwrap();
    assert_eq!(tokens.len(), 2);
    for (algorithm, kid) in [(Algorithm::EdDSA, "ed"), (Algorithm::ES256, "ec")] {
        let token = provider.sign(algorithm, kid, &claims(|_| {}));
        let (user, left) = tokens.check(&token, unix_s()).unwrap();
        assert_eq!((&user.id[..], &user.email[..]), (&b"u1"[..], &b"alice@corp.test"[..]));
        assert_eq!((&user.name[..], user.groups.len()), (&b"Alice"[..], 2));
        assert_eq!(user.groups[0], password::group("staff"));
        assert_eq!((&user.groups[1].id[..], &user.groups[1].name[..]), (&b"g2"[..], &b"ops"[..]));
        assert!((650..=661).contains(&left.as_secs()), "{left:?}");
    }
}

#[test]
fn tokens_that_are_not_right_in_everything_are_wrong() {
    let provider = Provider::new();
    let tokens = provider.tokens(|_| {}).unwrap();
    let mut wrong: Vec<(&str, String)> = Vec::new();
    let mut sign = |what, change: &dyn Fn(&mut Value)| {
        wrong.push((what, provider.sign(Algorithm::EdDSA, "ed", &claims(|c| change(c)))));
    };
    sign("ended", &|c| c["exp"] = json!(unix_s() - 120));
    sign("not begun", &|c| c["nbf"] = json!(unix_s() + 120));
    sign("no end", &|c| drop(c.as_object_mut().unwrap().remove("exp")));
    sign("another issuer", &|c| c["iss"] = json!("https://evil.test"));
    sign("no issuer", &|c| drop(c.as_object_mut().unwrap().remove("iss")));
    sign("for somebody else", &|c| c["aud"] = json!("other"));
    sign("for nobody", &|c| drop(c.as_object_mut().unwrap().remove("aud")));
    wrong.push(("another key", Provider::new().sign(Algorithm::EdDSA, "ed", &claims(|_| {}))));
    wrong.push(("another key's name", provider.sign(Algorithm::EdDSA, "ec", &claims(|_| {}))));
    let good = provider.sign(Algorithm::EdDSA, "ed", &claims(|_| {}));
    let (head, tail) = good.split_once('.').unwrap();
    let (body, signature) = tail.split_once('.').unwrap();
    let none = base64(br#"{"alg":"none","typ":"JWT"}"#);
    let hs256 = Header { kid: Some("ed".into()), ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(b"secret");
    wrong.push(("no signature", format!("{none}.{body}.")));
    wrong.push(("a secret", jsonwebtoken::encode(&hs256, &claims(|_| {}), &secret).unwrap()));
    wrong.push(("a cut signature", format!("{head}.{body}.{}", &signature[1..])));
    let crit = base64(br#"{"alg":"EdDSA","kid":"ed","crit":["exp"]}"#);
    wrong.push(("what must be understood", format!("{crit}.{body}.{signature}")));
    let other = claims(|c| c["email"] = json!("bob@corp.test")).to_string();
    wrong.push(("another body", format!("{head}.{}.{signature}", base64(other.as_bytes()))));
    wrong.push(("no token", "a.b.c".into()));
    for (what, token) in wrong {
        assert!(tokens.check(&token, unix_s()).is_err(), "{what}: {token}");
    }
    assert!(tokens.check(&good, unix_s()).is_ok());
    // A signature that is not taken is not, though the key is there.
    let only_ec = provider.tokens(|jwt| jwt.algorithms = vec![JwtAlgorithm::Es256]).unwrap();
    assert!(only_ec.check(&good, unix_s()).is_err());
}

#[test]
fn keys_that_cannot_be_used_are_told() {
    let provider = Provider::new();
    let none = provider.tokens(|jwt| jwt.algorithms = vec![JwtAlgorithm::Rs256]).unwrap_err();
    assert_eq!(none, "keys.json: found 0 keys for the signatures that are taken, expected 1 to 64");
    for (text, says) in [
        ("{\"keys\":\n [1]}", "keys.json:2:"),
        ("{}", "missing field `keys`"),
        (r#"{"keys":[{"kty":"EC","crv":"P-256","x":"!","y":"AA"}]}"#, "key 1"),
    ] {
        let other = Provider { jwks: text.into(), ..Provider::new() };
        let error = other.tokens(|_| {}).unwrap_err();
        assert!(error.contains(says), "{text}: {error}");
    }
}

/// Authorities and certificates of devices, made by the program that people make them with.
fn device_certificate(scratch: &Scratch, subject: &str, names: &str) -> CertificateDer<'static> {
    use rustls_pki_types::pem::PemObject as _;
    let at = |name: &str| scratch.path().join(name).display().to_string();
    let openssl = |words: &[&str]| {
        let output = std::process::Command::new("openssl").args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let (ca, ca_key) = (at("ca.pem"), at("ca.key"));
    let own = ["req", "-x509", "-subj", "/CN=Device CA", "-keyout", &ca_key, "-out", &ca];
    openssl(&[&own[..], &key].concat());
    let (csr, shown) = (at("d.csr"), at("d.pem"));
    let wish = ["req", "-new", "-subj", subject, "-keyout", &at("d.key"), "-out", &csr];
    openssl(&[&wish[..], &key].concat());
    let extensions = scratch.write("d.ext", format!("subjectAltName={names}\n"));
    let extensions = extensions.display().to_string();
    let by = ["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-extfile", &extensions];
    openssl(&[&["x509", "-req", "-in", &csr, "-out", &shown][..], &by].concat());
    CertificateDer::from_pem_file(at("d.pem")).unwrap()
}

#[test]
fn certificates_name_devices_users_and_checks() {
    let scratch = Scratch::new();
    let names = "email:alice@corp.test,URI:urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let shown = device_certificate(&scratch, "/O=Corp/OU=Managed/CN=laptop-7", names);
    let check = |id: &str, unit: &str, issuer: &str| PostureCheck {
        id: id.into(),
        organization: Some("Corp".into()),
        organizational_unit: Some(unit.into()),
        issuer: Some(issuer.into()),
    };
    let settings = Identity {
        device: config::Device {
            ca: vec![scratch.path().join("ca.pem")],
            required: false,
            check: vec![
                check("managed", "Managed", "Device CA"),
                check("kiosk", "Kiosk", "Device CA"),
            ],
        },
        ..Identity::default()
    };
    let identifier = Identifier::new(load(&settings).unwrap()).unwrap();
    let known = identifier.known_by(HERE.into(), &[shown]);
    let (device, user) = (known.device.unwrap(), known.user.unwrap());
    assert_eq!(device.id, "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    assert_eq!(device.name, "laptop-7");
    assert_eq!(device.passed, ["certificate", "managed"]);
    assert_eq!(device.failed, ["kiosk"]);
    assert_eq!(
        (&user.email[..], &user.groups[0].name[..]),
        (&b"alice@corp.test"[..], &b"Managed"[..])
    );
    assert_eq!(user.source, gateway_proxy::Source::Certificate);
    // Who has shown none passes nothing; a port without TLS asks for none.
    let none = identifier.known_by(HERE.into(), &[]);
    assert_eq!(none.device.unwrap().failed, ["certificate", "managed", "kiosk"]);
    assert_eq!((none.user, identifier.known_at(HERE.into()).device), (None, None));
}
