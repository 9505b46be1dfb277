select count(*), count(store_and_fwd_flag) from taxi.trip
