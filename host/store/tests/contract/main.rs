//! What every store must do, as cases over `dyn Store`, and the SQLite store held to it.
//!
//! A case takes a [`Place`], where a store can be opened again and again as another process
//! would, and knows nothing of the database behind it. Another database is another `Place` and
//! one more `contract!` line.

mod alerts;
mod audit;
mod entries;
mod erasing;
mod journal;
mod lease;
mod model;
mod pages;
mod people;
mod pulls;
mod reading;
mod rejections;
mod retention;
mod sheets;
mod sqlite;
mod sqlite_audit;
mod sqlite_erasing;
mod support;
mod values;
mod withdrawal;

/// Every case, as a test of one kind of place.
macro_rules! contract {
    ($place:ty) => {
        crate::contract! { $place;
            lease: user_changes_wait_for_no_sync, one_process_writes_at_a_time, holds_until_it_is_not_renewed, is_kept_by_its_own_token,
                a_dead_process_is_no_obstacle, every_write_of_a_sync_needs_it, is_given_back_by_its_holder_alone,
                a_clock_that_went_back_takes_nothing_from_a_holder;
            alerts: what_is_open_is_not_fired_again, a_step_is_one_transaction, over_is_told_where_it_was_told,
                a_try_counts_before_it_is_made, what_was_sent_is_never_due_again, a_person_acknowledges,
                an_erased_clients_alerts_go, each_event_has_its_own_id;
            audit: says_who_changed_what, says_nothing_where_nothing_changed, tells_of_withdrawals_and_given_up_pulls,
                is_whole_and_gives_the_newest, is_shortened_from_its_beginning, a_refused_step_leaves_no_entry;
            journal: requests_are_kept_newest_first, the_use_of_a_connection_adds_up, an_unused_connection_has_no_figures,
                a_credentials_age_begins_anew_with_another,
                components_and_settings_that_change_are_told, what_a_component_used_is_kept, the_salt_stays,
                old_requests_and_too_many_go;
            retention: old_records_are_pruned, what_reaches_the_kept_time_stays,
                what_was_pruned_is_neither_covered_nor_brought_back, a_pull_that_reaches_back_is_given_up,
                of_one_scope_or_of_all;
            erasing: removes_everything_that_names_a_client, its_records_are_skipped_from_then_on,
                a_lifted_erasure_lets_one_client_in_again,
                others_of_the_same_name_keep_theirs, the_log_stays_whole;
            entries: are_kept_as_they_were_entered, are_taken_back_and_not_forgotten, are_on_record,
                outlast_all_but_an_erasure, an_erasure_takes_them_and_what_names_the_client_beside_others,
                in_any_order_leave_what_a_list_would;
            sheets: are_kept_with_what_they_were_made_from, are_kept_once, are_found_by_how_their_id_begins,
                are_listed_the_newest_first, retention_takes_what_they_were_made_from, age_takes_what_they_were_made_from,
                an_erasure_takes_what_all_were_made_from;
            people: the_roster_is_replaced_whole, decisions_are_kept_in_order_and_replaced,
                decisions_are_cleared_by_client, ties_are_replaced_whole, source_clients_are_replaced_whole, the_last_sync_is_on_record;
            pulls: are_listed_until_they_end, go_on_from_the_pages_they_have, take_each_page_once,
                end_only_when_every_page_is_there, cover_their_windows, leave_their_pages_when_abandoned,
                of_one_client_cover_and_withdraw_nothing, of_one_client_end_with_the_lease;
            pages: the_later_position_wins, a_refused_page_leaves_nothing, together_are_as_one_after_the_other,
                together_are_kept_or_refused, keep_more_rows_than_a_statement_takes,
                keep_odd_texts_and_figures_as_they_are, name_kinds_and_reasons_whatever_their_order,
                scopes_know_nothing_of_each_other;
            withdrawal: what_a_whole_pull_has_not_seen_goes, reaches_no_further_than_the_window,
                half_may_go_unasked, more_than_half_asks_a_person, a_person_decides,
                what_is_seen_as_rejected_is_seen, counts_right_when_resumed, spares_what_another_pull_saw_since,
                takes_rejections_with_an_id;
            rejections: count_where_they_happened, without_a_usable_time_count_in_the_whole_pull,
                without_an_id_add_up_until_the_next_whole_pull, without_an_id_outlast_a_suspicious_end;
            reading: gives_what_touches_the_window, gives_only_the_clients_asked_for, knows_nothing_of_a_new_scope,
                names_only_what_it_gives, gives_however_many_there_are;
            values: survive_bit_for_bit;
            model: pages_in_any_order_leave_what_the_last_said;
        }
    };
    ($place:ty; $($module:ident: $($case:ident),+;)+) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $case() {
                crate::$module::$case(&<$place>::new()).await;
            })+
        })+
    };
}
pub(crate) use contract;
