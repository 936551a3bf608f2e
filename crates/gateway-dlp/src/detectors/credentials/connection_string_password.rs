//! `connection_string_password`: Password of a connection string.
//!
//! **Format.** Behind the server, driver, database or user of a connection string of ADO.NET,
//! ODBC or OLE DB and at most five more of its fields, `Password` or `Pwd` in any case, `=` and
//! 4 to 64 characters other than quotes, brackets, `;` and blanks. The password alone is found.
//!
//! **Validator.** The password is none that manuals name, and no reference to a variable.
//!
//! **Source.** Microsoft, "Connection strings" (ADO.NET), "SQLDriverConnect" (ODBC).
//!
//! **Confidence.** Medium: the fields tell what it is, but manuals have such strings too.

use gateway_inspect::Confidence;

use crate::detectors::secret::is_told_password;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "connection_string_password",
    name: "Password of a connection string",
    summary: "Passwords in connection strings of databases, by the fields before them",
    category: Category::Credentials,
    keywords: &["connection", "connectionstring", "pwd", "server"],
    pattern: concat!(
        r"\b{start-half}(?i:(?:server|data source|driver|dsn|host|initial catalog|database|uid",
        r"|user id|user)",
        r"[ ]?=[^;\n=]{1,80};[ ]?(?:[a-z][a-z ]{1,30}[ ]?=[^;\n=]{0,80};[ ]?){0,5}",
        r#"(?:password|pwd)[ ]?=[ ]?)[^;\s"'`<>(){}\[\]]{4,64}\b{end-half}"#,
    ),
    match_bytes_max: 640,
    validators: &["password"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Server=db.corp.example;Database=shop;User Id=shop;Password=q8Zt2LmV0c;Encrypt=true",
            &["q8Zt2LmV0c"],
        ),
        example(
            "Driver={ODBC Driver 18 for SQL Server};Server=tcp:db,1433;Uid=shop;Pwd=Xr7YpKw3!;",
            &["Xr7YpKw3!"],
        ),
        example("server=db;uid=ada;password = q8Zt2=LmV0c", &["q8Zt2=LmV0c"]),
        example("Data Source=db;Initial Catalog=shop;Password=${DB_PASSWORD};", &[]),
        example("Server=db;User Id=shop;Password=password;", &[]),
        example("a form user=ada&password=q8Zt2LmV0c", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`;&<\\".contains(&byte);
    if !sample.after.is_none_or(is_end) {
        return None;
    }
    let field = sample.matched.iter().rposition(|byte| *byte == b';')? + 1;
    let behind = sample.matched.get(field..)?;
    let name = behind.iter().position(|byte| *byte == b'=')? + 1;
    let blanks = behind.iter().skip(name).take_while(|byte| **byte == b' ').count();
    let lead = field + name + blanks;
    if is_told_password(sample.matched.get(lead..)?.iter().copied()) {
        return None;
    }
    Some(Judgement { confidence: Confidence::Medium, lead, trail: 0 })
}
