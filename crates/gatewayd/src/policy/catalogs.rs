//! `data/`: what an administrator tells of addresses and hosts, one file for each kind.

use std::io;
use std::path::Path;
use std::sync::Arc;

use gateway_proxy::{Applications, CatalogFault, Catalogs, Categories, Countries, Prompts};
use gateway_rules::{FieldId, RuleSet, field};

use super::{PolicyError, Problem};
use crate::place::Place;

/// The folder within the policy folder.
const DIR: &str = "data";
const COUNTRIES: &str = "countries.csv";
const CONTENT: &str = "content_categories.csv";
const SECURITY: &str = "security_categories.csv";
const APPLICATIONS: &str = "applications.csv";
const PROMPTS: &str = "prompts.csv";

/// The most faults of one file that are told.
const TOLD_MAX: usize = 20;

/// The fields that have no value without a file.
const FIELDS: &[(FieldId, &str)] = &[
    (field::APP_HOSTS_IDS, APPLICATIONS),
    (field::APP_IDS, APPLICATIONS),
    (field::APP_STATUSES, APPLICATIONS),
    (field::APP_SUPPORTS_IDS, APPLICATIONS),
    (field::APP_TYPE_IDS, APPLICATIONS),
    (field::HTTP_DST_IP_GEO_CONTINENT, COUNTRIES),
    (field::HTTP_DST_IP_GEO_COUNTRY, COUNTRIES),
    (field::HTTP_REQUEST_URI_CONTENT_CATEGORY, CONTENT),
    (field::HTTP_REQUEST_URI_SECURITY_CATEGORY, SECURITY),
    (field::HTTP_SRC_IP_GEO_CONTINENT, COUNTRIES),
    (field::HTTP_SRC_IP_GEO_COUNTRY, COUNTRIES),
    (field::NET_DST_GEO_CONTINENT, COUNTRIES),
    (field::NET_DST_GEO_COUNTRY, COUNTRIES),
    (field::NET_FQDN_CONTENT_CATEGORY, CONTENT),
    (field::NET_FQDN_SECURITY_CATEGORY, SECURITY),
    (field::NET_SRC_GEO_CONTINENT, COUNTRIES),
    (field::NET_SRC_GEO_COUNTRY, COUNTRIES),
];

/// What the files in the policy folder `dir` tell; nothing where there are none.
///
/// # Errors
///
/// [`PolicyError`] with the faults of every file.
pub(crate) fn load(dir: &Path) -> Result<Arc<Catalogs>, PolicyError> {
    let dir = dir.join(DIR);
    let mut problems = Vec::new();
    let mut catalogs = Catalogs::default();
    catalogs.countries = read(&dir.join(COUNTRIES), Countries::parse, &mut problems);
    catalogs.content = read(&dir.join(CONTENT), Categories::parse, &mut problems);
    catalogs.security = read(&dir.join(SECURITY), Categories::parse, &mut problems);
    catalogs.applications = read(&dir.join(APPLICATIONS), Applications::parse, &mut problems);
    catalogs.prompts = read(&dir.join(PROMPTS), Prompts::parse, &mut problems);
    if problems.is_empty() { Ok(Arc::new(catalogs)) } else { Err(PolicyError { problems }) }
}

fn read<T: Default>(
    file: &Path,
    parse: impl Fn(&str) -> Result<T, Vec<CatalogFault>>,
    problems: &mut Vec<Problem>,
) -> T {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return T::default(),
        Err(source) => {
            problems.push(Problem::Read { path: file.to_owned(), source });
            return T::default();
        }
    };
    parse(&text).unwrap_or_else(|faults| {
        let told = faults.into_iter().take(TOLD_MAX).map(|source| {
            let place = Place { file: file.to_owned(), line: source.line, column: 1 };
            Problem::Catalog { place, source }
        });
        problems.extend(told);
        T::default()
    })
}

/// The fields that rules read but that have no value, for want of a file.
pub(crate) fn untold(rules: &RuleSet, dir: &Path) -> Vec<Problem> {
    let untold = FIELDS.iter().filter(|(id, _)| rules.uses(*id));
    let problem = |(id, name): &(FieldId, &str)| {
        let path = dir.join(DIR).join(name);
        let field = rules.scheme().field(*id)?.name().to_owned();
        (!path.exists()).then_some(Problem::NoData { path, field })
    };
    untold.filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn every_field_that_says_so_has_its_file() {
        for (id, of) in gateway_rules::Scheme::gateway().fields() {
            let file = [COUNTRIES, CONTENT, SECURITY, APPLICATIONS]
                .into_iter()
                .find(|file| of.doc().contains(&format!("{DIR}/{file}")));
            if let Some(file) = file {
                assert!(FIELDS.contains(&(id, file)), "{} says {file}", of.name());
            }
        }
    }

    #[test]
    fn files_are_read_and_faults_told() {
        let dir = Scratch::new();
        assert!(load(dir.path()).unwrap().countries.is_empty());
        std::fs::create_dir(dir.path().join(DIR)).unwrap();
        std::fs::write(dir.path().join("data/countries.csv"), "192.0.2.0/24,DE\n").unwrap();
        let catalogs = load(dir.path()).unwrap();
        let country = catalogs.countries.of("192.0.2.1".parse().unwrap());
        assert_eq!(country.unwrap().as_str(), "DE");
        std::fs::write(dir.path().join("data/applications.csv"), "# ok\na.example,1,2\nx\n")
            .unwrap();
        let told = load(dir.path()).unwrap_err().to_string();
        assert!(told.contains("applications.csv:3:1: expected a domain"), "{told}");
    }
}
