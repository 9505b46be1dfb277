select count(*), sum(trip_distance) from (select trip_distance, row_number() over (partition by substr(pickup_datetime, 1, 13) order by trip_distance desc) as place from taxi.trip) r where place <= 3
