//! Sans-IO HTTP codecs with one version-neutral event model.
