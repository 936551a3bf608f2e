//! ClientHello peek and certificate minting.
