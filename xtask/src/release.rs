//! `cargo xtask release`: the gateway, laid out for the work that it does.
//!
//! A request runs through much code once, so its speed hangs on where the compiler puts what is run
//! and what is not. A first build counts that: under the load of `bench proxy`, with Workers in the
//! path, and while it scans the files of this repository. A second one is built by the counts: profile-guided optimisation,
//! <https://doc.rust-lang.org/rustc/profile-guided-optimization.html>. The same release profile,
//! the same code; `cargo build --release` gives a gateway that is somewhat slower.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    bench, cargo,
    failure::{During, Failure},
};

/// Seconds that each scenario counts for.
const SECONDS: f64 = 2.0;

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err(Failure::new("`release` takes no arguments"));
    }
    let compiler = Compiler::read()?;
    let merger = compiler.profdata()?;
    let folder = cargo::target_folder().join("counted");
    let (raw, merged) = (folder.join("raw"), folder.join("merged.profdata"));
    if raw.exists() {
        fs::remove_dir_all(&raw).during(|| raw.display().to_string())?;
    }

    println!("a build that counts");
    let counts = format!("-Cprofile-generate={}", raw.display());
    let counting = build(&compiler, &folder.join("counting"), &counts)?;
    println!("the load that is counted");
    bench::load(&counting, SECONDS)?;
    workers(&counting)?;
    scan(&counting, &folder)?;
    let mut merge = Command::new(merger);
    merge.args(["merge", "-o"]).arg(&merged).arg(&raw);
    cargo::run(merge)?;

    println!("the build by the counts");
    let use_counts = format!("-Cprofile-use={}", merged.display());
    let gateway = build(&compiler, &folder.join("laid-out"), &use_counts)?;
    println!("the gateway is {}", gateway.display());
    Ok(())
}

/// What is to know about the compiler that `cargo` calls.
struct Compiler {
    /// The platform that it runs on, and builds for.
    host: String,
    /// The major version of its LLVM, whose counts no other one reads for sure.
    llvm: String,
}

impl Compiler {
    fn read() -> Result<Self, Failure> {
        let told = cargo::read(cargo::program("rustc", ["-vV"]))?;
        let line = |name: &str| told.lines().find_map(|line| line.strip_prefix(name));
        let major = line("LLVM version: ").and_then(|version| version.split('.').next());
        let (Some(host), Some(llvm)) = (line("host: "), major) else {
            return Err(Failure::new("`rustc -vV` names neither host nor LLVM"));
        };
        Ok(Self { host: host.to_owned(), llvm: llvm.to_owned() })
    }

    /// The program that adds counts up: the one that is named, rustup's component `llvm-tools`, or
    /// the one of Debian's package.
    fn profdata(&self) -> Result<PathBuf, Failure> {
        let named = std::env::var_os("LLVM_PROFDATA").map(PathBuf::from);
        let libraries = cargo::read(cargo::program("rustc", ["--print", "target-libdir"]))?;
        let component = Path::new(libraries.trim()).with_file_name("bin").join("llvm-profdata");
        let package = PathBuf::from(format!("llvm-profdata-{}", self.llvm));
        let runs = |program: &PathBuf| {
            let mut command = Command::new(program);
            command.arg("--version");
            cargo::succeeds(command)
        };
        named.into_iter().chain([component, package]).find(runs).ok_or_else(|| {
            Failure::new(format!(
                "there is no `llvm-profdata` of LLVM {0}: install Debian's `llvm-{0}` or rustup's \
                 `llvm-tools`, or name one in LLVM_PROFDATA",
                self.llvm
            ))
        })
    }
}

/// Builds the gateway into `folder` with one more flag for its code, and for no build script's.
fn build(compiler: &Compiler, folder: &Path, flag: &str) -> Result<PathBuf, Failure> {
    let mut command = cargo::cargo(["build", "--release", "--package", "gatewayd", "--target"]);
    command.arg(&compiler.host).env("CARGO_TARGET_DIR", folder).env("RUSTFLAGS", flag);
    cargo::run(command)?;
    Ok(folder.join(&compiler.host).join("release/gateway-proxy"))
}

/// Lets Workers answer and pass on, where `workerd` was installed.
fn workers(gateway: &Path) -> Result<(), Failure> {
    if !cargo::target_folder().join("workerd").exists() {
        println!("not counted: Workers; `cargo xtask test setup` installs what runs them");
        return Ok(());
    }
    let mut command = Command::new("python3");
    command.arg("benches/workers.py").arg(gateway).current_dir(cargo::root());
    command.env("CARGO_TARGET_DIR", cargo::target_folder()).stdout(std::process::Stdio::null());
    cargo::run(command)
}

/// Scans the repository's own texts and the program itself, so that matchers count for what they are.
fn scan(gateway: &Path, folder: &Path) -> Result<(), Failure> {
    let listed =
        cargo::read(cargo::program("git", ["ls-files", "*.md", "*.rs", "*.toml", "*.lock"]))?;
    let mut command = Command::new(gateway);
    command.args(["scan", "--state"]).arg(folder.join("state")).args(listed.lines());
    command.arg(gateway).current_dir(cargo::root()).stdout(std::process::Stdio::null());
    // That it finds something in test cases is no failure.
    match command.status().during(|| "scan".to_owned())?.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(Failure::new("the gateway that counts cannot scan")),
    }
}
