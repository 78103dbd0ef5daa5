//! PipeWire, as on Debian 12's desktop: the graph with its own configuration, the session manager that connects streams
//! to loudspeakers, and the server of PulseAudio's protocol.

use super::LOUDSPEAKER;
use crate::process::{Process, tool, wait_for};
use std::os::unix::net::UnixStream;
use std::path::Path;

pub const MANAGER: &str = "manager";
const PROTOCOL: &str = include_str!("pipewire-pulse.conf");
/// Up to a tenth of a second in one go: nothing is cut out when the machine is busy.
const LARGE_BUFFERS: &str = "context.properties = {
    default.clock.quantum = 4096
    default.clock.min-quantum = 4096
    default.clock.max-quantum = 8192
    vm.overrides = { default.clock.min-quantum = 4096 }
}
";
/// No card of this machine, and no message bus.
const NO_CARDS: &str = r#"alsa_monitor.enabled = false
v4l2_monitor.enabled = false
libcamera_monitor.enabled = false
default_access.properties["enable-flatpak-portal"] = false
"#;
const NO_BLUETOOTH: &str = "bluez_monitor.enabled = false\n";

pub fn start(folder: &Path) -> Vec<(&'static str, Process)> {
    let protocol = PROTOCOL.replace("{folder}", &folder.to_string_lossy()).replace("{loudspeaker}", LOUDSPEAKER);
    for (name, text) in [
        ("pipewire/pipewire.conf.d/buffers.conf", LARGE_BUFFERS),
        ("pipewire/pipewire-pulse.conf", protocol.as_str()),
        ("wireplumber/main.lua.d/80-no-cards.lua", NO_CARDS),
        ("wireplumber/bluetooth.lua.d/80-no-cards.lua", NO_BLUETOOTH),
    ] {
        let path = folder.join("home/.config").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }
    let start = |program: &str, arguments: &[&str]| {
        let mut command = tool(program, folder);
        command.args(arguments);
        Process::start(command, &folder.join("sound.log"))
    };
    let graph = start("pipewire", &[]);
    wait_for("the graph's start", || UnixStream::connect(folder.join("run/pipewire-0")).ok());
    let manager = start("wireplumber", &[]);
    let protocol = start("pipewire", &["-c", "pipewire-pulse.conf"]);
    vec![("protocol", protocol), (MANAGER, manager), ("graph", graph)]
}
