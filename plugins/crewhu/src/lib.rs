//! Support Engagement Satisfaction from CrewHu.
