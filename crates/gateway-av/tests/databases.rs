//! Containers and scripts of databases: those that `sigtool` builds, signed by keys and certificates that
//! `openssl` makes; and scripts that `sigtool` carries out too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "programs read and write files of the test")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use gateway_av::container::{Container, ContainerError, PackError, Sealing, pack};
use gateway_av::signed::{SignatureError, Strictness, Trust, VendorKey, Vouched, certificates};
use gateway_av::update::{Files, Script, ScriptError};
use gateway_av::{DatabaseBuilder, DatabaseLimits, LineError, LoadError, Report, Unsupported};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

const MAX: usize = 1 << 20;

fn run(dir: &Path, program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program).current_dir(dir).args(args).output().expect(program);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {errors}");
    output.stdout
}

/// An empty folder for a test.
fn folder(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("databases-{name}"));
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(&root).unwrap();
    root
}

/// A number as ClamAV writes it.
fn coded(bytes: &[u8]) -> String {
    let digits = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    let digit = |value: u8| char::from(digits[usize::from(value)]);
    BigUint::from_bytes_be(bytes).to_radix_le(64).into_iter().map(digit).collect()
}

/// Makes a key in `dir`.
fn key(dir: &Path, name: &str, bits: &str) -> VendorKey {
    run(dir, "openssl", &["genrsa", "-out", name, bits]);
    let text = run(dir, "openssl", &["rsa", "-in", name, "-noout", "-modulus"]);
    let text = String::from_utf8(text).unwrap();
    let hex = text.trim().strip_prefix("Modulus=").unwrap();
    let modulus = BigUint::parse_bytes(hex.as_bytes(), 16).unwrap();
    VendorKey::new(&modulus.to_string(), 65_537).unwrap()
}

/// Does with the private key what `verb` says: without padding, to decrypt is to sign.
fn sign(dir: &Path, key: &str, verb: &str, input: &[u8], options: &[&str]) -> String {
    std::fs::write(dir.join("to-sign"), input).unwrap();
    let args = [&["pkeyutl", verb, "-inkey", key, "-in", "to-sign"], options].concat();
    coded(&run(dir, "openssl", &args))
}

fn sign_pss(dir: &Path, key: &str, content: &[u8]) -> String {
    std::fs::write(dir.join("to-sign"), content).unwrap();
    let digest = run(dir, "openssl", &["dgst", "-sha256", "-binary", "to-sign"]);
    let options = ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "digest:sha256"];
    let options: Vec<_> = options.into_iter().flat_map(|one| ["-pkeyopt", one]).collect();
    sign(dir, key, "-sign", &digest, &options)
}

/// A folder with a container as `sigtool` builds it, without a signature.
fn built(name: &str, files: &[(&str, &str)]) -> (PathBuf, Vec<u8>) {
    let dir = folder(name);
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
    std::fs::write(dir.join("COPYING"), "anyone may\n").unwrap();
    let output = Command::new("sigtool")
        .current_dir(&dir)
        .env("SIGNDUSER", "tester")
        .args(["--build=test.cud", "--unsigned", "--cvd-version=3", "--no-cdiff", "--datadir=."])
        .output()
        .expect("sigtool");
    let bytes = std::fs::read(dir.join("test.cud"));
    let bytes = bytes.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (dir, bytes)
}

const LINES: [(&str, &str); 2] = [
    ("test.ndb", "Body-1:0:*:6162636465\nBody-2:0:*:6162636466\n"),
    ("test.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Digest\n"),
];

/// The container with the signature of `key` in its header.
fn with_signature(dir: &Path, bytes: &[u8], key: &str) -> Vec<u8> {
    let head = std::str::from_utf8(&bytes[..512]).unwrap();
    let md5 = head.split(':').nth(5).unwrap();
    let digits = BigUint::parse_bytes(md5.as_bytes(), 16).unwrap().to_bytes_be();
    let mut block = vec![0; 128 - digits.len()];
    block.extend(digits);
    let signature = sign(dir, key, "-decrypt", &block, &["-pkeyopt", "rsa_padding_mode:none"]);
    let head = head.replacen(":X:", &format!(":{signature}:"), 1);
    let mut signed = head.trim_end().as_bytes().to_vec();
    signed.resize(512, b' ');
    signed.extend(&bytes[512..]);
    signed
}

/// Opens a container; one that comes in pieces comes to the same.
fn open(
    bytes: &[u8],
    beside: Option<&[u8]>,
    trust: &Trust,
    max: usize,
) -> Result<Container, ContainerError> {
    let opened = Container::open(bytes, beside, trust, max);
    for size in [usize::MAX, 611] {
        let limits = DatabaseLimits { unpacked_bytes_max: max, ..DatabaseLimits::default() };
        let mut builder = DatabaseBuilder::new(limits);
        let pieces = in_pieces(&mut builder, bytes, beside, trust, size);
        let add = |container: &Container| {
            let mut builder = DatabaseBuilder::default();
            let report = builder.add_container("test.cvd", container)?;
            Ok((report, container.vouched().clone()))
        };
        let refused = |reason: &ContainerError| {
            Err(LoadError::Container { file: "test.cvd".to_owned(), reason: *reason })
        };
        assert_eq!(pieces, opened.as_ref().map_or_else(refused, add));
        let taken = pieces.map_or(0, |(report, _)| report.loaded);
        assert_eq!((builder.report().loaded, builder.build().signatures()), (taken, taken + 1));
    }
    opened
}

fn in_pieces(
    builder: &mut DatabaseBuilder,
    bytes: &[u8],
    beside: Option<&[u8]>,
    trust: &Trust,
    size: usize,
) -> Result<(Report, Vouched), LoadError> {
    let pieces = || bytes.chunks(size);
    let mut sealing = Sealing::new(beside.map(<[u8]>::to_vec));
    pieces().for_each(|piece| sealing.push(piece));
    let refused = |reason| LoadError::Container { file: "test.cvd".to_owned(), reason };
    let sealed = sealing.finish(trust).map_err(refused)?;
    let mut loading = builder.begin_container("test.cvd", sealed);
    pieces().try_for_each(|piece| loading.push(piece))?;
    loading.finish(trust)
}

fn refused(bytes: &[u8], beside: Option<&[u8]>, trust: &Trust) -> ContainerError {
    open(bytes, beside, trust, MAX).unwrap_err()
}

#[test]
fn containers_of_sigtool_load_with_the_signature_of_the_key() {
    let (dir, unsigned) = built("key", &LINES);
    let containers = key(&dir, "key.pem", "1024");
    let trust = Trust { containers, ..Trust::default() };
    let signed = with_signature(&dir, &unsigned, "key.pem");
    let container = open(&signed, None, &trust, MAX).unwrap();
    let header = container.header();
    assert_eq!((header.version, header.signatures, &*header.builder), (3, 3, "tester"));
    assert_eq!(container.vouched(), &Vouched::Key);
    let mut builder = DatabaseBuilder::default();
    let report = builder.add_container("test.cvd", &container).unwrap();
    assert_eq!((report.loaded, report.unsupported_total()), (3, 0));

    let missing = ContainerError::Signature(SignatureError::Missing);
    assert_eq!(refused(&unsigned, None, &trust), missing);
    let wrong = ContainerError::Signature(SignatureError::Wrong);
    assert_eq!(refused(&signed, None, &Trust::default()), wrong);
    let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
    for (bytes, reason) in [(&unsigned, SignatureError::Missing), (&signed, SignatureError::Wrong)]
    {
        let container = open(bytes, None, &lax, MAX).unwrap();
        assert_eq!(container.vouched(), &Vouched::Nobody(reason));
    }
    assert_eq!(
        open(&signed, None, &trust, 4000).unwrap_err(),
        ContainerError::TooLarge { max: 4000 }
    );
    // Whatever changes is seen: of the header what is signed and the signature itself.
    let changes = (0..signed.len()).filter(|at| *at >= 512 || at % 7 == 0);
    for at in changes.filter(|at| *at >= 512 || signed[*at] != b' ') {
        let mut other = signed.clone();
        other[at] ^= 1;
        if let Ok(container) = open(&other, None, &trust, MAX) {
            // Time, version and counts of the header are not under the old signature.
            assert!(at < 512 && container.header().md5 == header.md5, "byte {at}");
        }
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn errors_in_containers_name_file_line_and_column() {
    let dir = folder("errors");
    let lax = Trust { strictness: Strictness::Lax, ..Trust::default() };
    let header = format!("{:512}", "ClamAV-VDB:now:1:1:90:X:X:tester:0");
    let open = |archive: &str| {
        let archive = std::fs::read(dir.join(archive)).unwrap();
        let bytes = [header.as_bytes(), &archive].concat();
        open(&bytes, None, &lax, MAX).unwrap()
    };
    std::fs::write(dir.join("test.hdb"), LINES[1].1).unwrap();
    std::fs::write(dir.join("test.idb"), "# icons\na:b:c:d\n").unwrap();
    run(&dir, "tar", &["--format=ustar", "-cf", "bad.tar", "test.hdb", "test.idb"]);
    let mut builder = DatabaseBuilder::default();
    let report = builder.add_container("test.cvd", &open("bad.tar")).unwrap();
    let unsupported: Vec<_> = report.unsupported.into_iter().collect();
    assert_eq!((report.loaded, &unsupported[..]), (1, &[(Unsupported::File, 1)][..]));
    std::fs::write(dir.join("bad.ndb"), "a:0:*:6162\nb:0:*:616\n").unwrap();
    run(&dir, "tar", &["--format=ustar", "-rf", "bad.tar", "bad.ndb"]);
    let container = open("bad.tar");
    let mut builder = DatabaseBuilder::new(DatabaseLimits::default());
    let error = builder.add_container("bad.cld", &container).unwrap_err();
    let file = "bad.cld:bad.ndb".to_owned();
    let expected = LoadError::Line { file, line: 2, column: 10, reason: LineError::Body };
    assert_eq!(error, expected);
    assert_eq!(builder.build().signatures(), 1);
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn lists_of_members_vouch_for_what_scripts_have_made() {
    let (dir, unsigned) = built("list", &LINES);
    let members = key(&dir, "key.pem", "2048");
    let trust = Trust { members, ..Trust::default() };
    let header = &unsigned[..512];
    let header = String::from_utf8(header.to_vec()).unwrap();
    let md5 = header.split(':').nth(5).unwrap().to_owned();
    let header = header.replacen(&md5, "X", 1) + &" ".repeat(31);
    let list = std::fs::read(dir.join("test.info")).unwrap();
    let signature = sign_pss(&dir, "key.pem", &list);
    let pack = |list: &[u8], members: &[&str]| {
        std::fs::write(dir.join("test.info"), list).unwrap();
        let args = ["--format=ustar", "-cf", "test.tar", "COPYING", "test.info"];
        run(&dir, "tar", &[&args[..], members].concat());
        [header.clone().into_bytes(), std::fs::read(dir.join("test.tar")).unwrap()].concat()
    };
    let signed_list = [&list[..], format!("DSIG:{signature}\n").as_bytes()].concat();
    let good = pack(&signed_list, &["test.ndb", "test.hdb"]);
    let container = open(&good, None, &trust, MAX).unwrap();
    assert_eq!(container.vouched(), &Vouched::Key);
    let wrong = ContainerError::Signature(SignatureError::Wrong);
    assert_eq!(refused(&good, None, &Trust::default()), wrong);
    let missing = ContainerError::Signature(SignatureError::Missing);
    let bare = pack(&list, &["test.ndb", "test.hdb"]);
    assert_eq!(refused(&bare, None, &trust), missing);
    let lacking = pack(&signed_list, &["test.ndb"]);
    assert_eq!(refused(&lacking, None, &trust), ContainerError::Member { line: 2 });
    std::fs::write(dir.join("more.ndb"), "").unwrap();
    let unlisted = pack(&signed_list, &["test.ndb", "test.hdb", "more.ndb"]);
    assert_eq!(refused(&unlisted, None, &trust), ContainerError::Unlisted);
    let malformed = pack(b"name\n", &["test.ndb"]);
    assert_eq!(refused(&malformed, None, &trust), ContainerError::List { line: 1 });
    std::fs::remove_dir_all(dir).unwrap();
}

/// What the list of members of `files` says, signed by `key`.
fn signed_list(dir: &Path, key: &str, version: u64, files: &Files) -> Vec<u8> {
    let mut list = format!("ClamAV-VDB:27 Nov 2026 10-00 +0000:{version}:2:90:X:X:tester:1\n");
    for (name, bytes) in files {
        let digest: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        list += &format!("{name}:{}:{digest}\n", bytes.len());
    }
    let signature = sign_pss(dir, key, list.as_bytes());
    (list + &format!("DSIG:{signature}\n")).into_bytes()
}

#[test]
fn a_container_that_scripts_have_changed_is_one_that_the_list_vouches_for() {
    let dir = folder("packed");
    let members = key(&dir, "key.pem", "2048");
    let trust = Trust { members, ..Trust::default() };
    let mut files =
        Files::from(LINES.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
    let list = signed_list(&dir, "key.pem", 7, &files);
    files.insert("test.info".to_owned(), list);
    let packed = pack("test", &files).unwrap();
    let container = open(&packed, None, &trust, MAX).unwrap();
    assert_eq!((container.header().version, container.vouched()), (7, &Vouched::Key));
    // A script brings the lines and the list that vouches for them.
    files.remove("test.info");
    let added = b"New.Worm:0:*:6e6577\n";
    files.get_mut("test.ndb").unwrap().extend(added);
    let list = String::from_utf8(signed_list(&dir, "key.pem", 8, &files)).unwrap();
    let list: String = list.lines().map(|line| format!("ADD {line}\n")).collect();
    let added = std::str::from_utf8(added).unwrap();
    let script =
        format!("OPEN test.ndb\nADD {added}CLOSE\nUNLINK test.info\nOPEN test.info\n{list}CLOSE\n");
    let mut files: Files =
        container.members().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    Script::of_commands(script.as_bytes()).apply(&mut files).unwrap();
    let packed = pack("test", &files).unwrap();
    let container = open(&packed, None, &trust, MAX).unwrap();
    assert_eq!((container.header().version, container.vouched()), (8, &Vouched::Key));
    let names: Vec<_> = container.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["test.info", "test.hdb", "test.ndb"]);
    // It is an archive for others too.
    std::fs::write(dir.join("test.tar"), &packed[512..]).unwrap();
    run(&dir, "tar", &["-xf", "test.tar"]);
    for (name, bytes) in &files {
        assert_eq!(&std::fs::read(dir.join(name)).unwrap(), bytes, "{name}");
    }
    // Without what the list says it is none.
    files.get_mut("test.hdb").unwrap().push(b'\n');
    let changed = pack("test", &files).unwrap();
    assert_eq!(refused(&changed, None, &trust), ContainerError::Member { line: 2 });
    for (list, error) in [
        (Some(&b"test.ndb:1:00"[..]), PackError::Header { name: "test.info".to_owned() }),
        (None, PackError::NoList { name: "test.info".to_owned() }),
    ] {
        files.remove("test.info");
        files.extend(list.map(|list| ("test.info".to_owned(), list.to_vec())));
        assert_eq!(pack("test", &files).unwrap_err(), error);
    }
    std::fs::remove_dir_all(dir).unwrap();
}

/// An authority in `dir`, one under it, and a signer under that one.
fn make_certificates(dir: &Path) {
    let extensions =
        "[authority]\nbasicConstraints=critical,CA:TRUE\n[signer]\nkeyUsage=digitalSignature\n";
    std::fs::write(dir.join("extensions"), extensions).unwrap();
    for (name, by, section) in [
        ("root", "root", "authority"),
        ("middle", "root", "authority"),
        ("signer", "middle", "signer"),
    ] {
        let subject = format!("/O=Test/CN=Test {name}");
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let (certificate, by_key) = (format!("{name}.pem"), format!("{by}.key"));
        let issuer = format!("{by}.pem");
        run(
            dir,
            "openssl",
            &[
                "req", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &request, "-subj",
                &subject,
            ],
        );
        let by: Vec<&str> = if name == by {
            vec!["-key", &key]
        } else {
            vec!["-CA", &issuer, "-CAkey", &by_key, "-CAcreateserial"]
        };
        let by: Vec<&str> = if name == "root" { vec!["-signkey", &key] } else { by };
        let args = [
            "x509",
            "-req",
            "-in",
            &request,
            "-out",
            &certificate,
            "-days",
            "30",
            "-extfile",
            "extensions",
            "-extensions",
            section,
        ];
        run(dir, "openssl", &[&args[..], &by].concat());
    }
}

/// The `.sign` file of the file `name` in `dir`, with certificates and other `options`.
fn sign_file(dir: &Path, name: &str, options: &[&str]) -> String {
    let args = [
        "smime",
        "-sign",
        "-binary",
        "-in",
        name,
        "-signer",
        "signer.pem",
        "-inkey",
        "signer.key",
        "-outform",
        "DER",
        "-out",
        "signature",
    ];
    run(dir, "openssl", &[&args[..], options].concat());
    let text = run(dir, "openssl", &["base64", "-A", "-in", "signature"]);
    format!("#clamsign-1.0\n# note\n\n220::pkcs7-pem:{}\n", String::from_utf8(text).unwrap().trim())
}

#[test]
fn certificates_vouch_for_containers() {
    let (dir, unsigned) = built("certificates", &LINES);
    make_certificates(&dir);
    let all = |name: &str| certificates(&std::fs::read(dir.join(name)).unwrap()).unwrap();
    let trust = Trust { certificates: all("root.pem"), ..Trust::default() };
    let digests = [&["-md", "sha256"][..], &["-md", "sha384"], &["-md", "sha512"], &["-noattr"]];
    for options in digests {
        let options = [&["-certfile", "middle.pem"], options].concat();
        let file = sign_file(&dir, "test.cud", &options);
        let container = open(&unsigned, Some(file.as_bytes()), &trust, MAX).unwrap();
        assert_eq!(container.vouched(), &Vouched::Certificate("Test signer".to_owned()));
    }
    let file = sign_file(&dir, "test.cud", &["-certfile", "middle.pem"]);
    let reason = |file: &str, trust: &Trust| refused(&unsigned, Some(file.as_bytes()), trust);
    // Nobody known has signed it, and there is no old signature.
    let missing = ContainerError::Signature(SignatureError::Missing);
    assert_eq!(reason(&file, &Trust::default()), missing);
    let alone = sign_file(&dir, "test.cud", &[]);
    assert_eq!(reason(&alone, &trust), missing);
    let middle = Trust { certificates: all("middle.pem"), ..Trust::default() };
    assert!(open(&unsigned, Some(alone.as_bytes()), &middle, MAX).is_ok());
    let signer = Trust { certificates: all("signer.pem"), ..Trust::default() };
    assert!(open(&unsigned, Some(alone.as_bytes()), &signer, MAX).is_ok());
    // A signer is no authority.
    assert_eq!(reason(&file.replace("220:", "241:"), &trust), missing);
    let expired = ContainerError::Signature(SignatureError::Expired);
    assert_eq!(reason(&file, &Trust { now: Some(1), ..trust.clone() }), expired);
    let malformed = ContainerError::Signature(SignatureError::Malformed);
    assert_eq!(reason("#clamsign-2.0\n", &trust), malformed);
    assert_eq!(reason(&file.replace("pem:M", "pem:-"), &trust), malformed);
    let other = sign_file(&dir, "test.ndb", &["-certfile", "middle.pem"]);
    let wrong = ContainerError::Signature(SignatureError::Wrong);
    assert_eq!(reason(&other, &trust), wrong);
    for at in (0..512).step_by(5) {
        let mut changed = unsigned.clone();
        changed[at] ^= 1;
        assert!(open(&changed, Some(file.as_bytes()), &trust, MAX).is_err(), "byte {at}");
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn scripts_do_what_sigtool_does() {
    let before =
        [("a.ndb", "one\ntwo\nthree\nfour\nfive\nsix\n"), ("b.ndb", "x\ny\n"), ("c.ndb", "z\n")];
    for (number, script) in [
        "OPEN a.ndb\nADD seven\nDEL 1 on\nXCHG 3 three drei und mehr\nCLOSE\n",
        "MOVE a.ndb b.ndb 2 two 4 four\nUNLINK c.ndb\n",
        "OPEN n.ndb\nADD new\nADD and newer\nCLOSE\nOPEN b.ndb\nDEL 2 y\nCLOSE\n",
"OPEN a.ndb\nADD seven\nCLOSE\nOPEN a.ndb\nDEL 7 seven\nXCHG 6 six 6\nCLOSE\nMOVE a.ndb c.ndb 5 five 6 6\n",
    ]
    .into_iter()
    .enumerate()
    {
        let dir = folder(&format!("script-{number}"));
        for (name, text) in before {
            std::fs::write(dir.join(name), text).unwrap();
        }
        std::fs::write(dir.join("up.script"), script).unwrap();
        // It ends with 1 whatever it did.
        let sigtool = Command::new("sigtool").current_dir(&dir).arg("--run-cdiff=up.script").output();
        sigtool.expect("sigtool");
        std::fs::remove_file(dir.join("up.script")).unwrap();
        let mut theirs = Files::new();
        for entry in std::fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            theirs.insert(name, std::fs::read(entry.path()).unwrap());
        }
        let mut ours: Files =
            before.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let untouched = ours.clone();
        Script::of_commands(script.as_bytes()).apply(&mut ours).unwrap();
        assert_eq!(ours, theirs, "{script}");
        assert_ne!(ours, untouched, "{script}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}

#[test]
fn scripts_are_carried_out_only_as_they_were_signed() {
    let dir = folder("signed-script");
    let scripts = key(&dir, "key.pem", "2048");
    let trust = Trust { scripts, ..Trust::default() };
    let commands = "OPEN a.ndb\nADD two\nCLOSE\n";
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(commands.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let content = [format!("ClamAV-Diff:4:{}:", commands.len()).as_bytes(), &packed].concat();
    let signature = sign_pss(&dir, "key.pem", &content);
    let signed = [&content[..], b":", signature.as_bytes()].concat();
    let script = Script::open(&signed, None, &trust, MAX).unwrap();
    assert_eq!((script.version(), script.vouched()), (4, &Vouched::Key));
    let mut files = Files::from([("a.ndb".to_owned(), b"one\n".to_vec())]);
    script.apply(&mut files).unwrap();
    assert_eq!(files["a.ndb"], b"one\ntwo\n");
    for at in 0..signed.len() {
        let mut other = signed.clone();
        other[at] ^= 1;
        assert!(Script::open(&other, None, &trust, MAX).is_err(), "byte {at}");
    }
    let error = Script::open(&content, None, &trust, MAX).unwrap_err();
    assert!(matches!(error, ScriptError::Signature(_)), "{error}");
    let error = Script::open(&signed, None, &Trust::default(), MAX).unwrap_err();
    assert_eq!(error, ScriptError::Signature(SignatureError::Wrong));
    make_certificates(&dir);
    std::fs::write(dir.join("a.cdiff"), &signed).unwrap();
    let file = sign_file(&dir, "a.cdiff", &["-certfile", "middle.pem"]);
    let root = certificates(&std::fs::read(dir.join("root.pem")).unwrap()).unwrap();
    let trust = Trust { certificates: root, ..Trust::default() };
    let script = Script::open(&signed, Some(file.as_bytes()), &trust, MAX).unwrap();
    assert_eq!(script.vouched(), &Vouched::Certificate("Test signer".to_owned()));
    std::fs::remove_dir_all(dir).unwrap();
}
