//! Filter rules over typed facts that arrive by phase.
