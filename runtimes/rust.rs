//! A function served with std::net, by one thread. docs/runtimes.md has what it is told and what it says.
use std::io::BufRead;
use std::net::UdpSocket;
use std::os::unix::io::FromRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const MAX_PAYLOAD_BYTES: usize = 1472;

/// Runs in place on a request of that length; the length of the reply, or None if it fails. There is room behind it.
type Function = fn(&mut [u8], usize) -> Option<usize>;

fn reverse(payload: &mut [u8], length: usize) -> Option<usize> {
    payload[..length].reverse();
    Some(length)
}

fn echo(_: &mut [u8], length: usize) -> Option<usize> {
    Some(length)
}

fn expand(payload: &mut [u8], length: usize) -> Option<usize> {
    if length > MAX_PAYLOAD_BYTES {
        return None;
    }
    let reply = (2 * length).min(MAX_PAYLOAD_BYTES);
    payload.copy_within(..reply - length, length);
    Some(reply)
}

fn upper(payload: &mut [u8], length: usize) -> Option<usize> {
    payload[..length].make_ascii_uppercase();
    Some(length)
}

/// Counted by the thread that serves, read by the one that is asked.
struct Counters {
    received: AtomicU64,
    handled: AtomicU64,
    replied: AtomicU64,
    function_failed: AtomicU64,
    refused_source: AtomicU64,
    receive_failed: AtomicU64,
    send_failed: AtomicU64,
}

#[allow(clippy::declare_interior_mutable_const)]
const ZERO: AtomicU64 = AtomicU64::new(0);
static COUNTERS: Counters = Counters {
    received: ZERO,
    handled: ZERO,
    replied: ZERO,
    function_failed: ZERO,
    refused_source: ZERO,
    receive_failed: ZERO,
    send_failed: ZERO,
};
static STOPPING: AtomicBool = AtomicBool::new(false);

impl Counters {
    fn print(&self) {
        println!(
            "received={} handled={} replied={} functionFailed={} refusedSource={} receiveFailed={} sendFailed={}",
            self.received.load(SeqCst),
            self.handled.load(SeqCst),
            self.replied.load(SeqCst),
            self.function_failed.load(SeqCst),
            self.refused_source.load(SeqCst),
            self.receive_failed.load(SeqCst),
            self.send_failed.load(SeqCst)
        );
    }

    /// Whether a request that was received has not met its end yet.
    fn is_busy(&self) -> bool {
        let ends = [&self.replied, &self.send_failed, &self.function_failed, &self.refused_source];
        self.received.load(SeqCst) != ends.iter().map(|end| end.load(SeqCst)).sum::<u64>()
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

fn serve(socket: &UdpSocket, run: Function, refused: &[bool]) {
    let mut buffer = [0; 65536 + MAX_PAYLOAD_BYTES];
    loop {
        let taken = socket.recv_from(&mut buffer[..65536]);
        // The process ends now: what is not counted was not received.
        while STOPPING.load(SeqCst) {
            thread::park();
        }
        let Ok((length, peer)) = taken else {
            add(&COUNTERS.receive_failed);
            continue;
        };
        add(&COUNTERS.received);
        if refused[peer.port() as usize] {
            add(&COUNTERS.refused_source);
            continue;
        }
        let Some(reply) = run(&mut buffer, length) else {
            add(&COUNTERS.function_failed);
            continue;
        };
        add(&COUNTERS.handled);
        match socket.send_to(&buffer[..reply], peer) {
            Ok(_) => add(&COUNTERS.replied),
            Err(_) => add(&COUNTERS.send_failed),
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let value = |name: &str| words.iter().position(|word| word == name).map_or("", |at| words[at + 1].as_str());
    let run: Function = match value("--function") {
        "reverse" => reverse,
        "echo" => echo,
        "expand" => expand,
        "upper" => upper,
        other => panic!("no function {other:?}"),
    };
    let refuse: Vec<usize> = value("--refuse").split(',').filter_map(|port| port.parse().ok()).collect();
    let refused: Vec<bool> = (0..65536).map(|port| port < 1024 || refuse.contains(&port)).collect();
    // SAFETY: descriptor 3 is the socket that this program was given, and nobody else's here.
    let socket = unsafe { UdpSocket::from_raw_fd(3) };
    thread::spawn(move || serve(&socket, run, &refused));
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        match line.as_deref() {
            Ok("count") => COUNTERS.print(),
            _ => break,
        }
    }
    STOPPING.store(true, SeqCst);
    while COUNTERS.is_busy() {
        thread::sleep(Duration::from_millis(1));
    }
    COUNTERS.print();
}
