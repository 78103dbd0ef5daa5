//! A private sound server of either kind, whose only loudspeaker is recorded.

mod pipewire;
mod pulseaudio;
mod recording;

pub use recording::{Recording, assert_loud_and_clear};

use crate::process::{Process, tool, wait_for};
use std::path::{Path, PathBuf};

/// Both understand PulseAudio's protocol; everything behind it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    PulseAudio,
    PipeWire,
}

/// The loudspeaker, as a module of the server: it can be pulled out and plugged in.
const LOUDSPEAKER: &str = "module-null-sink sink_name=shop rate=48000 channels=2";

pub struct SoundServer {
    /// With their names; killed one after the other.
    processes: Vec<(&'static str, Process)>,
    folder: PathBuf,
}

impl SoundServer {
    /// What `PULSE_SERVER` has to be.
    pub fn address(folder: &Path) -> String {
        format!("unix:{}", folder.join("pulse.sock").display())
    }

    /// Again on the same socket after one that was dropped.
    pub fn start(kind: Kind, folder: &Path) -> SoundServer {
        let processes = match kind {
            Kind::PulseAudio => pulseaudio::start(folder),
            Kind::PipeWire => pipewire::start(folder),
        };
        let mut server = SoundServer { processes, folder: folder.to_owned() };
        wait_for("the sound server's start", || {
            for (name, process) in &mut server.processes {
                assert!(!process.has_ended(), "{name} has ended: {}", log(folder));
            }
            server.has_its_loudspeaker().then_some(())
        });
        server
    }

    fn has_its_loudspeaker(&self) -> bool {
        self.control(&["get-default-sink"]).is_some_and(|sink| sink == "shop")
    }

    fn control(&self, arguments: &[&str]) -> Option<String> {
        let mut command = tool("pactl", &self.folder);
        let output = command.env("PULSE_SERVER", SoundServer::address(&self.folder)).args(arguments).output();
        let output = output.expect("pactl runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// As a loudspeaker on USB is: the server then plays to a dummy that nobody hears.
    pub fn unplug(&self) {
        self.control(&["unload-module", "module-null-sink"]).expect("the loudspeaker is there");
        wait_for("the dummy", || {
            self.control(&["get-default-sink"]).is_some_and(|sink| sink == "auto_null").then_some(())
        });
    }

    pub fn plug_in(&self) {
        let arguments: Vec<&str> = ["load-module"].into_iter().chain(LOUDSPEAKER.split(' ')).collect();
        self.control(&arguments).expect("the loudspeaker can be plugged in");
        wait_for("the loudspeaker", || self.has_its_loudspeaker().then_some(()));
    }

    /// PipeWire without its session manager: streams are taken, and connected to no loudspeaker.
    pub fn kill_manager(&mut self) {
        self.processes.retain(|(name, _)| *name != pipewire::MANAGER);
    }

    /// All of it is alive, and deaf.
    pub fn freeze(&self) {
        self.processes.iter().for_each(|(_, process)| process.freeze());
    }

    pub fn thaw(&self) {
        self.processes.iter().for_each(|(_, process)| process.thaw());
    }

    /// Records from now on, until this server ends or its loudspeaker is pulled out.
    pub fn record(&self) -> Recording {
        let mut command = tool("parec", &self.folder);
        command.env("PULSE_SERVER", SoundServer::address(&self.folder)).args(["-d", "shop.monitor"]);
        Recording::start(command, &self.folder.join("parec.log"))
    }
}

/// What the servers of `folder` have said.
fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("sound.log")).unwrap_or_default()
}
