//! Which of many things that a task waits for has woken it, so that it need not ask all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// One thing that a task waits for.
#[derive(Debug)]
pub(super) struct Awaited {
    flag: Arc<Flag>,
    /// Raises the flag and wakes the task.
    waker: Waker,
    /// Who is woken.
    task: Option<Waker>,
}

#[derive(Debug)]
struct Flag {
    /// It has woken the task since it was last asked, or was not asked yet.
    raised: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raised.store(true, Ordering::Release);
        if let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner) {
            task.wake_by_ref();
        }
    }
}

impl Awaited {
    /// Something that was not asked yet.
    pub(super) fn new() -> Self {
        let flag = Arc::new(Flag { raised: AtomicBool::new(true), task: Mutex::new(None) });
        Self { waker: flag.clone().into(), flag, task: None }
    }

    /// Whether asking may bring something new.
    pub(super) fn is_worth_asking(&self) -> bool {
        self.flag.raised.load(Ordering::Acquire)
    }

    /// Asks it by `poll`, unless it was pending and has woken nobody since.
    pub(super) fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if !self.task.as_ref().is_some_and(|task| task.will_wake(context.waker())) {
            let task = context.waker().clone();
            *self.flag.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
            self.task = Some(task);
        }
        if !self.flag.raised.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let answer = poll(&mut Context::from_waker(&self.waker));
        if answer.is_ready() {
            self.flag.raised.store(true, Ordering::Release);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[tokio::test]
    async fn who_has_nothing_new_is_not_asked() {
        let (sender, mut receiver) = unbounded_channel();
        let mut awaited = Awaited::new();
        let mut asked = 0;
        std::future::poll_fn(|context| {
            for _ in 0..3 {
                let polled = awaited.poll(context, |context| {
                    asked += 1;
                    receiver.poll_recv(context)
                });
                assert!(polled.is_pending() && !awaited.is_worth_asking());
            }
            Poll::Ready(())
        })
        .await;
        assert_eq!(asked, 1);
        tokio::spawn(async move { sender.send(7) });
        let received = std::future::poll_fn(|context| {
            awaited.poll(context, |context| receiver.poll_recv(context))
        });
        assert_eq!(received.await, Some(7), "it wakes the task");
        assert!(awaited.is_worth_asking(), "there may be more");
    }

    #[tokio::test]
    async fn it_wakes_the_task_that_asked_last() {
        let (sender, mut receiver) = unbounded_channel::<u8>();
        let mut awaited = Awaited::new();
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(awaited.poll(&mut nobody, |context| receiver.poll_recv(context)).is_pending());
        let mut sender = Some(sender);
        let end = std::future::poll_fn(|context| {
            let polled = awaited.poll(context, |context| receiver.poll_recv(context));
            drop(sender.take());
            polled
        });
        assert_eq!(end.await, None);
    }
}
