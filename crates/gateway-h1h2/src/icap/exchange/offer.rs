//! How an exchange begins: the head of the request of ICAP, and the HTTP heads inside.

use bytes::BytesMut;

use super::super::{Service, head};
use super::{Exchange, Kind, Modify, Sending};
use crate::{BodySize, RequestHead, ResponseHead};

impl Exchange {
    /// Asks the service about itself.
    #[must_use]
    pub fn options(service: &Service) -> Self {
        let mut exchange = Self::new(Kind::Options, false, Sending::Done);
        let mut out = start("OPTIONS", service);
        out.extend_from_slice(b"Encapsulated: null-body=0\r\n\r\n");
        exchange.output.push_back(out.freeze());
        exchange
    }

    /// Offers a request.
    #[must_use]
    pub fn reqmod(service: &Service, modify: &Modify, request: &RequestHead) -> Self {
        let mut http = BytesMut::new();
        head::write_request(request, &mut http);
        let sections = format!("req-hdr=0, {}={}", body("req", request.body), http.len());
        Self::offer(Kind::Reqmod, service, modify, &sections, request.body, http)
    }

    /// Offers a response, and the head of the request that it answers if that is known.
    #[must_use]
    pub fn respmod(
        service: &Service,
        modify: &Modify,
        request: Option<&RequestHead>,
        response: &ResponseHead,
    ) -> Self {
        let mut http = BytesMut::new();
        let mut sections = String::new();
        if let Some(request) = request {
            let head = RequestHead { body: BodySize::Empty, ..request.clone() };
            head::write_request(&head, &mut http);
            sections.push_str("req-hdr=0, ");
        }
        sections.push_str(&format!("res-hdr={}, ", http.len()));
        head::write_response(response, &mut http);
        sections.push_str(&format!("{}={}", body("res", response.body), http.len()));
        Self::offer(Kind::Respmod, service, modify, &sections, response.body, http)
    }

    fn offer(
        kind: Kind,
        service: &Service,
        modify: &Modify,
        sections: &str,
        size: BodySize,
        http: BytesMut,
    ) -> Self {
        let has_body = size != BodySize::Empty;
        let preview = modify.preview.filter(|_| has_body);
        let sending = match (has_body, preview) {
            (false, _) => Sending::Done,
            // Nothing is to be seen but the heads: the service has the word at once.
            (true, Some(_)) => Sending::Preview,
            (true, None) => Sending::Body,
        };
        let mut exchange = Self::new(kind, modify.allow_204, sending);
        exchange.preview = preview.unwrap_or(0);
        exchange.finished = !has_body;
        let method = if kind == Kind::Reqmod { "REQMOD" } else { "RESPMOD" };
        let mut out = start(method, service);
        // Outside of a preview both need leave, as the whole must be here for either.
        exchange.allow_206 = modify.allow_206 && (modify.allow_204 || preview.is_some());
        match (modify.allow_204, exchange.allow_206) {
            (true, true) => out.extend_from_slice(b"Allow: 204, 206\r\n"),
            (true, false) => out.extend_from_slice(b"Allow: 204\r\n"),
            (false, true) => out.extend_from_slice(b"Allow: 206\r\n"),
            (false, false) => {}
        }
        if let Some(preview) = preview {
            out.extend_from_slice(format!("Preview: {preview}\r\n").as_bytes());
        }
        if let Some(client) = modify.client {
            out.extend_from_slice(format!("X-Client-IP: {client}\r\n").as_bytes());
        }
        out.extend_from_slice(format!("Encapsulated: {sections}\r\n\r\n").as_bytes());
        out.unsplit(http);
        exchange.output.push_back(out.freeze());
        exchange.send_waiting();
        exchange
    }
}

fn start(method: &str, service: &Service) -> BytesMut {
    let text =
        format!("{method} {service} ICAP/1.0\r\nHost: {}:{}\r\n", service.host(), service.port());
    BytesMut::from(text.as_bytes())
}

fn body(of: &str, size: BodySize) -> String {
    if size == BodySize::Empty { "null-body".to_owned() } else { format!("{of}-body") }
}
