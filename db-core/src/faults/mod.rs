//! Where faults come in that a test asks for, with the feature `testing`; without it, all of
//! this is empty, and compiles to nothing. What tests ask with is in `testing`.

#[cfg(not(feature = "testing"))]
mod off;

#[cfg(not(feature = "testing"))]
pub(crate) use off::*;

#[cfg(feature = "testing")]
pub(crate) use crate::testing::seam::*;
