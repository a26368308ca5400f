//! A CrewHu stand-in over real HTTP, with faults on demand.
