//! Builds a dataset from a table.

use std::collections::BTreeSet;

use super::csv::CsvReader;
use super::poly::{Point, Poly, mix};
use super::words::{CELL_BYTES_MAX, WORDS_MAX, canonical, hash};
use super::{CELLS_MAX, Dataset, Filter, salted};

/// Takes a table piece by piece; its first line has the titles of the columns.
#[derive(Debug)]
pub struct DatasetBuilder {
    salt: [u8; 16],
    wanted: Option<BTreeSet<String>>,
    cell_bytes_min: usize,
    reader: CsvReader,
    titles: Option<Vec<(String, bool)>>,
    cells: Vec<(u64, u64)>,
    prefixes: Vec<u64>,
    lengths: u8,
    number_max: u8,
    tally: Tally,
}

/// What became of the cells of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines, without the titles.
    pub rows: usize,
    /// Cells that were taken, equal ones counted each.
    pub taken: usize,
    /// Cells that are empty.
    pub empty: usize,
    /// Cells that are shorter than asked for.
    pub short: usize,
    /// Cells that have more than 128 bytes or eight words.
    pub long: usize,
    /// Lines with more or fewer fields than there are titles.
    pub uneven: usize,
}

/// Why no dataset comes of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// It has no line of titles.
    #[error("the table is empty: expected a first line with the titles of the columns")]
    NoTitles,
    /// A column that is wanted is not there.
    #[error("no column `{column}`: there are {}", .titles.join(", "))]
    NoColumn {
        /// The column.
        column: String,
        /// Those that there are.
        titles: Vec<String>,
    },
    /// No cell is left.
    #[error("no cell is left: {} empty, {} too short, {} too long", .0.empty, .0.short, .0.long)]
    NoCells(Tally),
    /// It has too many cells.
    #[error("more than {CELLS_MAX} cells")]
    TooManyCells,
}

impl DatasetBuilder {
    /// A builder with a random `salt`, for the columns of these titles or for all; cells of fewer
    /// bytes than `cell_bytes_min`, in the form that is compared, are left out.
    #[must_use]
    pub fn new(
        salt: [u8; 16],
        columns: Option<BTreeSet<String>>,
        delimiter: u8,
        cell_bytes_min: usize,
    ) -> Self {
        Self {
            salt,
            wanted: columns,
            cell_bytes_min,
            // In a form that is compared, there may be much less.
            reader: CsvReader::new(delimiter, 8 * CELL_BYTES_MAX),
            titles: None,
            cells: Vec::new(),
            prefixes: Vec::new(),
            lengths: 0,
            number_max: 0,
            tally: Tally::default(),
        }
    }

    /// Takes some bytes of the table.
    ///
    /// # Errors
    /// [`DatasetError`] if a column is not there, or there are too many cells.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DatasetError> {
        let mut reader = std::mem::replace(&mut self.reader, CsvReader::new(b',', 0));
        let mut result = Ok(());
        reader.push(bytes, |record| {
            if result.is_ok() {
                result = self.take(record);
            }
        });
        self.reader = reader;
        result
    }

    /// The table has ended.
    ///
    /// # Errors
    /// [`DatasetError`].
    pub fn finish(mut self) -> Result<(Dataset, Tally), DatasetError> {
        let mut reader = std::mem::replace(&mut self.reader, CsvReader::new(b',', 0));
        let mut result = Ok(());
        reader.finish(|record| result = self.take(record));
        result?;
        let titles = self.titles.ok_or(DatasetError::NoTitles)?;
        if self.cells.is_empty() {
            return Err(DatasetError::NoCells(self.tally));
        }
        self.cells.sort_unstable();
        self.cells.dedup_by_key(|(key, _)| *key);
        let (mut filter, mut prefixes) =
            (Filter::new(self.cells.len()), Filter::new(self.prefixes.len()));
        self.cells.iter().for_each(|(key, _)| filter.insert(*key));
        self.prefixes.iter().for_each(|key| prefixes.insert(*key));
        let columns = titles.into_iter().filter(|(_, is_taken)| *is_taken);
        let dataset = Dataset {
            salt: self.salt,
            columns: columns.map(|(title, _)| title).collect(),
            keys: self.cells.iter().map(|(key, _)| *key).collect(),
            digests: self.cells.iter().map(|(_, digest)| *digest).collect(),
            lengths: self.lengths,
            number_max: self.number_max,
            filter,
            prefixes,
        };
        Ok((dataset, self.tally))
    }

    fn take(&mut self, record: &[Vec<u8>]) -> Result<(), DatasetError> {
        let Some(titles) = &self.titles else { return self.take_titles(record) };
        self.tally.rows += 1;
        self.tally.uneven += usize::from(record.len() != titles.len());
        let taken: Vec<bool> = titles.iter().map(|(_, is_taken)| *is_taken).collect();
        for (cell, _) in record.iter().zip(taken).filter(|(_, is_taken)| *is_taken) {
            self.take_cell(cell);
        }
        if self.cells.len() > CELLS_MAX { Err(DatasetError::TooManyCells) } else { Ok(()) }
    }

    fn take_titles(&mut self, record: &[Vec<u8>]) -> Result<(), DatasetError> {
        let title = |field: &Vec<u8>| {
            let text = String::from_utf8_lossy(field);
            text.trim_start_matches('\u{FEFF}').trim().to_owned()
        };
        let titles: Vec<String> = record.iter().map(title).collect();
        for column in self.wanted.iter().flatten() {
            if !titles.contains(column) {
                return Err(DatasetError::NoColumn { column: column.clone(), titles });
            }
        }
        let is_wanted =
            |title: &String| self.wanted.as_ref().is_none_or(|wanted| wanted.contains(title));
        let titles = titles.into_iter().map(|title| {
            let is_taken = is_wanted(&title);
            (title, is_taken)
        });
        self.titles = Some(titles.collect());
        Ok(())
    }

    fn take_cell(&mut self, cell: &[u8]) {
        let form = canonical(cell);
        let words = form.split(|byte| *byte == b' ').count();
        if form.is_empty() {
            self.tally.empty += 1;
        } else if form.len() < self.cell_bytes_min {
            self.tally.short += 1;
        } else if form.len() > CELL_BYTES_MAX || words > WORDS_MAX {
            self.tally.long += 1;
        } else {
            self.tally.taken += 1;
            self.lengths |= 1 << (words - 1);
            let point = self.point();
            let ends = form.iter().enumerate().filter(|(_, byte)| **byte == b' ');
            let prefix = |(end, _): (usize, &u8)| {
                let prefix = form.get(..end).unwrap_or_default();
                mix(prefix.iter().fold(Poly::EMPTY, |poly, byte| poly.push(*byte, point)).hash)
            };
            self.prefixes.extend(ends.map(prefix));
            let all = form.split(|byte| *byte == b' ');
            for number in all.filter(|word| word.iter().all(u8::is_ascii_digit)) {
                self.number_max =
                    self.number_max.max(u8::try_from(number.len()).unwrap_or(u8::MAX));
            }
            self.cells.push((mix(hash(&form, point).hash), salted(&self.salt, &form)));
        }
    }

    fn point(&self) -> Point {
        let [a, b, c, d, e, f, g, h, ..] = self.salt;
        Point::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}
