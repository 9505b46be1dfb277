select medallion, trip_distance from taxi.trip order by trip_distance desc, medallion limit 100
