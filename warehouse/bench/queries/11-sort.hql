select sum(hash(medallion, place)) from (select medallion, row_number() over (order by medallion, hack_license, trip_distance) as place from taxi.trip) s
