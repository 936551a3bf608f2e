//! The `[log]` part of the configuration in the form in which the sinks take it.

use super::{Config, Terminal};

impl Config {
    /// Where records go.
    pub(crate) fn sinks(&self) -> gateway_sinks::Config {
        let mut sinks = gateway_sinks::Config::default();
        sinks.records.clone_from(&self.log.records);
        sinks.terminal = match self.log.terminal {
            Terminal::Human => gateway_sinks::Terminal::Human,
            Terminal::Json => gateway_sinks::Terminal::Json,
            Terminal::Off => gateway_sinks::Terminal::Off,
        };
        sinks.queue_records_max = self.log.queue_records_max;
        sinks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_sinks() {
        let mut config = Config::default();
        config.log.records = std::path::PathBuf::new();
        assert_eq!(config.sinks(), gateway_sinks::Config::default());
    }
}
