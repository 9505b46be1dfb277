-- Great-circle distance between the ends of each trip, in miles, beside what the meter says.
--   hiveql -hiveconf OUT=folder -f 04-distances.hql
set R=3959;
set pi=radians(180);
insert overwrite local directory '${hiveconf:OUT}'
row format delimited fields terminated by ','
select pickup_longitude, pickup_latitude, dropoff_longitude, dropoff_latitude, trip_distance, trip_time_in_secs,
    ${hiveconf:R}*2*2*atan((1-sqrt(1-pow(sin((dropoff_latitude-pickup_latitude)
        *${hiveconf:pi}/180/2),2)-cos(pickup_latitude*${hiveconf:pi}/180)
        *cos(dropoff_latitude*${hiveconf:pi}/180)
        *pow(sin((dropoff_longitude-pickup_longitude)*${hiveconf:pi}/180/2),2)))
        /sqrt(pow(sin((dropoff_latitude-pickup_latitude)*${hiveconf:pi}/180/2),2)
        +cos(pickup_latitude*${hiveconf:pi}/180)*cos(dropoff_latitude*${hiveconf:pi}/180)
        *pow(sin((dropoff_longitude-pickup_longitude)*${hiveconf:pi}/180/2),2))) as direct_distance
from nyctaxidb.trip
where month = 1
  and pickup_longitude between -90 and -30
  and pickup_latitude between 30 and 90
  and dropoff_longitude between -90 and -30
  and dropoff_latitude between 30 and 90
  and (pickup_latitude <> dropoff_latitude or pickup_longitude <> dropoff_longitude);
