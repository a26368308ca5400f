//! Notices to real receivers on this machine: a web server and a mail server that write down what they are sent.

mod mail;
mod receiver;
mod smtp;
mod support;
mod webhook;
