//! What the session answers itself: requests that do not become transactions, and CONNECT.

use gateway_h1h2::{BodySize, Event, RequestHead, ResponseHead, StreamId, Target, Version};
use gateway_log::{CloseReason, Record};
use http::{Method, StatusCode};

use super::{Output, Session, Stage};
use crate::reply::{Form, Page, Reply};

impl Session {
    /// Answers a request that does not become a transaction, and closes.
    pub(super) fn answer(
        &mut self,
        stream: StreamId,
        head: &RequestHead,
        status: StatusCode,
        title: &str,
        detail: &str,
    ) {
        let mut record = self.page_record(head, Some(status));
        let reply = self.page(Form::wanted_by(&head.fields), status, title, detail, "");
        let body = if head.method == Method::HEAD { SendBody::No } else { SendBody::Yes };
        self.send_reply(stream, reply, body);
        // Where one stream follows another, what comes behind a refused request is not trusted.
        if let Stage::Proxying(proxying) = &mut self.stage
            && proxying.codec.version() != Version::Http2
        {
            proxying.codec.close_when_idle();
        }
        self.fill_client(stream, &mut record);
        self.emit(Output::Record(Box::new(record)));
    }

    /// The record of a request that does not become a transaction, and is answered `status`.
    pub(super) fn page_record(&mut self, head: &RequestHead, status: Option<StatusCode>) -> Record {
        let mut record = Record::new(gateway_log::RecordKind::Http);
        self.opened += 1;
        record.request_id = self.request_id();
        record.session_id = self.id_text();
        record.started_ns = self.clock.unix_ns(self.now);
        record.ended_ns = record.started_ns;
        record.client.addr = Some(self.client);
        record.config_generation = self.policy.generation;
        record.decision.action = Some(gateway_log::Action::Block);
        record.decision.actions = vec![gateway_log::Action::Block];
        record.http.method = head.method.as_str().into();
        record.http.version = crate::facts::version_text(head.version);
        record.http.status = status.map(|status| status.as_u16());
        record.close_reason = Some(CloseReason::ProxyConnRefused);
        match &head.target {
            Target::Authority(authority) => {
                record.http.host = authority.host().into();
                record.http.url = authority.to_string().into();
            }
            Target::Absolute { authority, .. } => record.http.host = authority.host().into(),
            Target::Origin(path) => record.http.url = path.as_str().into(),
            Target::Asterisk => record.http.url = "*".into(),
        }
        record
    }

    pub(super) fn page(
        &self,
        form: Form,
        status: StatusCode,
        title: &str,
        detail: &str,
        url: &str,
    ) -> Reply {
        let page = Page { status, title, detail, rule: None, url, request_id: &self.id };
        page.reply(form, &self.policy.settings)
    }

    pub(super) fn send_reply(&mut self, stream: StreamId, reply: Reply, body: SendBody) {
        self.send_to_client(stream, Event::ResponseHead(Box::new(reply.head)));
        if body == SendBody::Yes && !reply.body.is_empty() {
            self.send_to_client(stream, Event::Data(reply.body));
        }
        self.send_to_client(stream, Event::End);
    }
}

/// Whether the body of an answer is sent: not to HEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendBody {
    Yes,
    No,
}

/// A 200 to CONNECT: no fields, no body.
pub(super) fn connected() -> ResponseHead {
    let mut head = ResponseHead::new(StatusCode::OK);
    head.reason = bytes::Bytes::from_static(b"Connection established");
    head.body = BodySize::Empty;
    head
}
