//! A system clock that a test can set back for one process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Setup;

/// Stands before the system's own function; time goes back by an hour when a file appears, and goes on from there.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*of_system)(clockid_t, struct timespec *);
	if (!of_system) of_system = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int const result = of_system(clock, time);
	char const *file = getenv("UPSEED_TESTS_CLOCK");
	if (clock == CLOCK_REALTIME && file && access(file, F_OK) == 0) time->tv_sec -= 3600;
	return result;
}
"#;

/// A clock of its own for one person.
pub struct Clock {
    library: PathBuf,
    mark: PathBuf,
}

impl Clock {
    /// Goes right; its files are put into this folder.
    ///
    /// # Panics
    /// Without a C compiler, which libtorrent's C++ needs, too.
    pub fn new(folder: &Path) -> Self {
        let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
        fs::write(&source, SOURCE).expect("a folder of the test's own");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
        assert!(cc.status().is_ok_and(|done| done.success()), "cc makes a library: {cc:?}");
        Self { library, mark: folder.join("clock-is-back") }
    }

    /// This person's node will see it.
    pub fn shown_to(&self, person: Setup) -> Setup {
        person.env("LD_PRELOAD", &self.library).env("UPSEED_TESTS_CLOCK", &self.mark)
    }

    /// From now on it is an hour late.
    ///
    /// # Panics
    /// If the folder is gone.
    pub fn set_back(&self) {
        fs::write(&self.mark, "").expect("a folder of the test's own");
    }
}
