//! All tests of whole requests, files and processes, in one binary.
