//! The configured limits in the form in which the libraries take them.

use gateway_inspect::HoldPolicy;

use super::Config;

impl Config {
    /// Bounds on unpacking one body.
    pub(crate) fn content_limits(&self) -> gateway_content::Limits {
        let mut limits = gateway_content::Limits::default();
        limits.depth_max = self.limits.unpack_depth_max;
        limits.parts_max = self.limits.unpack_parts_max;
        limits.decoded_bytes_max = self.limits.unpack_bytes_max;
        limits.ratio_max = self.limits.unpack_ratio_max;
        limits
    }

    /// Bounds on inspecting and holding one body.
    pub(crate) fn inspect_limits(&self) -> gateway_inspect::Limits {
        gateway_inspect::Limits {
            held_bytes_max: self.limits.held_bytes_max,
            hold_ms_max: self.timeouts.hold_ms,
            idle_release_ms: self.timeouts.idle_release_ms,
            ..gateway_inspect::Limits::default()
        }
    }

    /// How much of a body stays until it has been scanned as a whole.
    pub(crate) fn hold_policy(&self) -> HoldPolicy {
        HoldPolicy::Tail(self.limits.hold_tail_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_libraries() {
        let config = Config::default();
        assert_eq!(config.content_limits(), gateway_content::Limits::default());
        assert_eq!(config.inspect_limits(), gateway_inspect::Limits::default());
        assert_eq!(config.hold_policy(), HoldPolicy::Tail(64 << 10));
    }
}
