//! What becomes of records while a remote sink comes and goes.

use std::sync::atomic::AtomicBool;

use gateway_log::{Record, RecordKind};

use super::*;
use crate::counters::Status;
use crate::scratch::Scratch;
use crate::spool::Spool;

/// A remote that can be switched off, and keeps what it takes.
#[derive(Clone, Default)]
struct Fake {
    is_down: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<u32>>>,
}

impl Remote for Fake {
    fn gather(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn deliver(&mut self, batch: &[Parcel], _timeout: Duration) -> Result<u64, Failed> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(Failed("it is down".into()));
        }
        let number = |parcel: &Parcel| {
            assert!(parcel.json().ends_with(b"}"));
            std::str::from_utf8(parcel.key()).unwrap().parse::<u32>().unwrap()
        };
        self.taken.lock().unwrap().extend(batch.iter().map(number));
        Ok(0)
    }
}

struct Scene {
    fake: Fake,
    delivery: Delivery,
    counters: Arc<Counters>,
    next: u32,
}

impl Scene {
    fn new(fake: &Fake, spool: Option<Spool>) -> Self {
        let pace = Pace {
            batch_records_max: 10,
            pause: Duration::from_millis(1),
            pause_max: Duration::from_millis(2),
            ..Pace::default()
        };
        let counters = Arc::new(Counters::default());
        let backlog = Backlog::new(20, spool);
        let delivery =
            Delivery::start("fake", backlog, pace, Arc::clone(&counters), fake.clone()).unwrap();
        Self { fake: fake.clone(), delivery, counters, next: 0 }
    }

    fn write(&mut self, count: u32) {
        for _ in 0..count {
            let mut record = Box::new(Record::new(RecordKind::Http));
            record.request_id = self.next.to_string().into();
            self.next += 1;
            self.counters.held.fetch_add(1, Ordering::Relaxed);
            self.delivery.write(Arc::new(Entry::new(record, Reads::Line)), 0);
        }
        self.delivery.turn(0);
    }

    fn status(&self) -> Status {
        self.counters.status("fake", 0)
    }

    #[track_caller]
    fn until(&self, what: impl Fn(&Status) -> bool) {
        for _ in 0..20_000 {
            if what(&self.status()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("{:?}", self.status());
    }

    fn finish(mut self) -> Status {
        self.delivery.finish(0);
        self.status()
    }
}

fn taken(fake: &Fake) -> Vec<u32> {
    fake.taken.lock().unwrap().clone()
}

fn spool(scratch: &Scratch, bytes_max: u64) -> Option<Spool> {
    Some(Spool::open(scratch.path(), bytes_max).unwrap())
}

#[test]
fn an_outage_loses_nothing_and_keeps_the_order() {
    let (scratch, fake) = (Scratch::new(), Fake::default());
    let mut scene = Scene::new(&fake, spool(&scratch, 1 << 20));
    scene.write(15);
    scene.until(|status| status.written == 15);
    fake.is_down.store(true, Ordering::Relaxed);
    scene.write(5);
    scene.until(|status| status.spooled == 5);
    scene.write(200);
    scene.until(|status| status.spooled == 205 && status.queued == 0);
    let error = scene.status().last_error.unwrap();
    assert!(error.message == "it is down" && !error.is_over);
    fake.is_down.store(false, Ordering::Relaxed);
    scene.write(30);
    scene.until(|status| status.written == 250);
    assert_eq!(taken(&scene.fake), (0..250).collect::<Vec<_>>());
    scene.write(3);
    let status = scene.finish();
    assert_eq!((status.written, status.dropped, status.spooled), (253, 0, 0));
    assert!(status.last_error.unwrap().is_over && status.retries > 0);
}

#[test]
fn what_was_not_delivered_waits_for_the_next_start() {
    let (scratch, fake) = (Scratch::new(), Fake::default());
    fake.is_down.store(true, Ordering::Relaxed);
    let mut scene = Scene::new(&fake, spool(&scratch, 1 << 20));
    scene.write(100);
    let status = scene.finish();
    assert_eq!((status.written, status.spooled, status.dropped, status.queued), (0, 100, 0, 0));
    fake.is_down.store(false, Ordering::Relaxed);
    let mut scene = Scene::new(&fake, spool(&scratch, 1 << 20));
    assert_eq!(scene.status().spooled + scene.status().written, 100);
    scene.next = 100;
    scene.write(7);
    scene.until(|status| status.written == 107);
    assert_eq!(taken(&fake), (0..107).collect::<Vec<_>>());
}

#[test]
fn without_room_records_are_lost_and_counted() {
    let fake = Fake::default();
    fake.is_down.store(true, Ordering::Relaxed);
    let mut scene = Scene::new(&fake, None);
    scene.write(200);
    scene.until(|status| status.dropped > 0);
    let status = scene.finish();
    assert_eq!((status.written, status.dropped, status.queued), (0, 200, 0), "{status:?}");

    let scratch = Scratch::new();
    let mut scene = Scene::new(&fake, spool(&scratch, 1_000));
    scene.write(200);
    scene.until(|status| status.dropped > 0);
    let status = scene.finish();
    assert!(status.spooled > 0 && status.spooled < 20, "{status:?}");
    assert_eq!(status.spooled + status.dropped, 200, "{status:?}");
}
