//! Clocks that a test can set back, or hold while a machine seems to sleep, for one process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{Person, Setup};

/// Stands before the system's own function. The date is off by as many seconds as a file says, and goes on from there. When
/// another file appears, with a number of seconds in it, the clock that stands still while a machine sleeps is behind by that.
const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long said(char const *variable)
{
	long seconds = 0;
	char const *name = getenv(variable);
	FILE *file = name ? fopen(name, "r") : NULL;
	if (file) {
		if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
		fclose(file);
	}
	return seconds;
}

static long slept(void)
{
	static long seconds;
	if (!seconds) seconds = said("UPSEED_TESTS_SLEPT");
	return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*of_system)(clockid_t, struct timespec *);
	if (!of_system) of_system = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int const result = of_system(clock, time);
	if (clock == CLOCK_REALTIME) time->tv_sec += said("UPSEED_TESTS_CLOCK");
	if (clock == CLOCK_MONOTONIC) time->tv_sec -= slept();
	return result;
}
"#;

/// A clock of its own for one person.
pub struct Clock {
    library: PathBuf,
    mark: PathBuf,
    slept: PathBuf,
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
        Self { library, mark: folder.join("clock-is-back"), slept: folder.join("slept") }
    }

    /// This person's node will see it.
    pub fn shown_to(&self, person: Setup) -> Setup {
        let person = person.env("LD_PRELOAD", &self.library);
        person.env("UPSEED_TESTS_CLOCK", &self.mark).env("UPSEED_TESTS_SLEPT", &self.slept)
    }

    /// From now on it is an hour late.
    ///
    /// # Panics
    /// If the folder is gone.
    pub fn set_back(&self) {
        self.set_off(-3_600);
    }

    /// From now on it is off by so many seconds.
    ///
    /// # Panics
    /// If the folder is gone.
    pub fn set_off(&self, seconds: i64) {
        // It appears whole.
        let new = self.mark.with_extension("new");
        fs::write(&new, seconds.to_string()).expect("a folder of the test's own");
        fs::rename(new, &self.mark).expect("it is there");
    }

    /// The machine of this person's node sleeps while something happens elsewhere: the node does nothing, and the clock
    /// that a sleep stops is behind afterwards. Once a clock.
    ///
    /// # Panics
    /// If the node does not run.
    pub fn sleeps_while(&self, person: &Person, meanwhile: impl FnOnce()) {
        let signal = |name: &str| {
            let sent = Command::new("kill").args([name, &person.pid().to_string()]).status();
            assert!(sent.is_ok_and(|status| status.success()), "{name}");
        };
        signal("-STOP");
        let began = Instant::now();
        meanwhile();
        // It appears whole.
        let new = self.slept.with_extension("new");
        fs::write(&new, began.elapsed().as_secs().to_string()).expect("a folder of the test's own");
        fs::rename(new, &self.slept).expect("it is there");
        signal("-CONT");
    }
}
