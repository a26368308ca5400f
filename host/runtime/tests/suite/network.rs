//! What a component finds that asks for sockets of its own: that it may have none.

use scoresheet_engine::Provider;
use scoresheet_runtime::Limits;

use crate::common::{Guest, configured, run};

const IMPORTS: &str = "
    import wasi:sockets/instance-network@0.2.0; import wasi:sockets/tcp-create-socket@0.2.0;
    import wasi:sockets/tcp@0.2.0; import wasi:sockets/ip-name-lookup@0.2.0;";

const PACKAGES: &str = "
    package wasi:sockets@0.2.0 {
      interface network {
        resource network;
        enum error-code {
          unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout, concurrency-conflict,
          not-in-progress, would-block, invalid-state, new-socket-limit, address-not-bindable, address-in-use,
          remote-unreachable, connection-refused, connection-reset, connection-aborted, datagram-too-large,
          name-unresolvable, temporary-resolver-failure, permanent-resolver-failure,
        }
        enum ip-address-family { ipv4, ipv6 }
        type ipv4-address = tuple<u8, u8, u8, u8>;
        type ipv6-address = tuple<u16, u16, u16, u16, u16, u16, u16, u16>;
        record ipv4-socket-address { port: u16, address: ipv4-address }
        record ipv6-socket-address { port: u16, flow-info: u32, address: ipv6-address, scope-id: u32 }
        variant ip-socket-address { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }
      }
      interface instance-network { use network.{network}; instance-network: func() -> network; }
      interface tcp {
        use network.{network, error-code, ip-socket-address};
        resource tcp-socket {
          start-connect: func(network: borrow<network>, remote-address: ip-socket-address) -> result<_, error-code>;
        }
      }
      interface tcp-create-socket {
        use network.{error-code, ip-address-family};
        use tcp.{tcp-socket};
        create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>;
      }
      interface ip-name-lookup {
        use network.{network, error-code};
        resource resolve-address-stream;
        resolve-addresses: func(network: borrow<network>, name: string) -> result<resolve-address-stream, error-code>;
      }
    }";

const CORE: &str = r#"
    (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
    (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $create (param i32 i32)))
    (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-connect" (func $connect (param
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "wasi:sockets/ip-name-lookup@0.2.0" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))"#;

/// `error-code.access-denied`.
const DENIED: u32 = 1;

async fn passes(body: impl FnOnce(&mut Guest) -> String) {
    let mut guest = Guest::new();
    guest.imports = IMPORTS;
    guest.packages = PACKAGES;
    guest.extra = CORE.to_owned();
    guest.check = format!("{} i32.const 64", body(&mut guest));
    let provider = configured(guest.build()).await.instance(None, Limits::default());
    assert_eq!(provider.check(&run()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn nothing_can_be_connected_to() {
    // There is somebody who would answer.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    passes(|_| {
        format!(
            "(call $create (i32.const 0) (i32.const 0))
             (if (i32.load8_u (i32.const 0))
               (then (if (i32.ne (i32.load8_u (i32.const 4)) (i32.const {DENIED})) (then unreachable)))
               (else
                 (call $connect (i32.load (i32.const 4)) (call $network) (i32.const 0) (i32.const {port})
                   (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
                   (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 8))
                 (if (i32.eqz (i32.load8_u (i32.const 8))) (then unreachable))
                 (if (i32.ne (i32.load8_u (i32.const 9)) (i32.const {DENIED})) (then unreachable))))"
        )
    })
    .await;
    let nobody = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nobody came");
}

#[tokio::test]
async fn no_name_can_be_looked_up() {
    passes(|guest| {
        let name = guest.image.place(b"localhost");
        format!(
            "(call $resolve (call $network) (i32.const {name}) (i32.const 9) (i32.const 0))
             (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then unreachable))"
        )
    })
    .await;
}
