-- Loads the files of one month:  hiveql -hiveconf MONTH=1 -hiveconf DATA=folder -f 02-load-month.hql
load data local inpath '${hiveconf:DATA}/trip_data_${hiveconf:MONTH}.csv' overwrite
into table nyctaxidb.trip partition (month=${hiveconf:MONTH});
load data local inpath '${hiveconf:DATA}/trip_fare_${hiveconf:MONTH}.csv' overwrite
into table nyctaxidb.fare partition (month=${hiveconf:MONTH});
